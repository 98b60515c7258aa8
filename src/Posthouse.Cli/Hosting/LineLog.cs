using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// Writes each log message as one line: <c>2026-01-31T12:00:00.000Z info Posthouse.Dispatch.Dispatcher[1100] …</c>, or as <see cref="JsonLogLine"/> says.
/// </summary>
internal sealed class LineLog(TextWriter writer, TimeProvider time, LogLevel level, bool isJson = false) : ILoggerProvider
{
    /// <summary>The variable that sets the level.</summary>
    public const string Variable = "POSTHOUSE_LOG";

    private readonly TextWriter _writer = TextWriter.Synchronized(writer);

    /// <summary>The log that the configuration asks for; a level that it does not name is the variable's.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: level or format is none.</exception>
    public static LineLog Of(Configuration configuration, TextWriter writer, TimeProvider time)
    {
        var format = configuration.Required(OperatingKeys.LogFormat);
        if (format is not ("text" or "json"))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"{configuration.SourceOf(OperatingKeys.LogFormat)}: {OperatingKeys.LogFormat} is '{format}', expected text or json");
        }

        var level = configuration.Text(OperatingKeys.LogLevel) is { } given ? Level(given, OperatingKeys.LogLevel) : Level(Environment.GetEnvironmentVariable(Variable));
        return new LineLog(writer, time, level, format is "json");
    }

    /// <summary>The level that a value asks for; <c>info</c> without one.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: it names no level.</exception>
    public static LogLevel Level(string? value, string name = Variable) => value switch
    {
        null or "" or "info" => LogLevel.Information,
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{name}={value} names no level; it is trace, debug, info, warning or error"),
    };

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose() => _writer.Flush();

    private void Write(LogLevel at, string category, EventId id, string text, object? state, Exception? exception)
    {
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var happened = exception is null ? null : level <= LogLevel.Debug || at >= LogLevel.Error ? exception.ToString() : $"{exception.GetType().Name}: {exception.Message}";
        if (isJson)
        {
            _writer.WriteLine(JsonLogLine.Of(new LogMessage(now, Word(at), category, id, text, state, happened)));
            return;
        }

        var line = string.Create(CultureInfo.InvariantCulture, $"{now} {Word(at)} {category}[{id.Id}] {text}");
        if (happened is not null) { line += " | " + happened; }

        // What is logged may come from a far side, which must not be able to write lines of its own.
        _writer.WriteLine(line.ReplaceLineEndings(" "));
    }

    private static string Word(LogLevel at) => at switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };

    private sealed class Category(LineLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log.LevelOf(name);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) { log.Write(logLevel, name, eventId, formatter(state, exception), state, exception); }
        }
    }

    /// <summary>The frameworks' own news is as fine as asked for from debug on, and else starts at warnings.</summary>
    private LogLevel LevelOf(string category) =>
        level == LogLevel.Information && !category.StartsWith("Posthouse", StringComparison.Ordinal) ? LogLevel.Warning : level;
}
