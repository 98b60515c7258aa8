using Microsoft.Extensions.Logging;
using Posthouse.Cli.Hosting;
using Posthouse.Connectivity;
using Posthouse.Diagnostics;

namespace Posthouse.Cli.Diagnostics;

/// <summary>
/// What a verb tells of itself on standard error where <c>POSTHOUSE_LOG</c> or <c>-v</c> asks for it. Without them there is no
/// instance, and since loggers are named nowhere else, a short verb then loads no logging assembly.
/// </summary>
internal sealed class VerbLog
{
    private const string Category = "Posthouse.Cli";

    private readonly LineLog _lines;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly long _began;

    private VerbLog(LineLog lines, TimeProvider time)
    {
        (_lines, _time) = (lines, time);
        _logger = lines.CreateLogger(Category);
        _began = time.GetTimestamp();
    }

    /// <summary>The log that the process's variable asks for, or else <c>--verbose</c>; or null.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the variable names no level.</exception>
    public static VerbLog? OfProcess(TextWriter error, bool isVerbose, TimeProvider time) =>
        Environment.GetEnvironmentVariable(LineLog.Variable) is { Length: > 0 } level ? Open(level, error, time) : isVerbose ? Open("debug", error, time) : null;

    /// <summary>A log of this level.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: it is no level.</exception>
    public static VerbLog Open(string level, TextWriter error, TimeProvider time) => new(new LineLog(error, time, LineLog.Level(level)), time);

    public void Begun(string verb) => _logger.VerbBegun(verb, $".NET {Environment.Version}", Environment.CurrentDirectory);

    public void Ended(string verb, int code) => _logger.VerbEnded(verb, code, Math.Round(_time.GetElapsedTime(_began).TotalMilliseconds, 1));

    public void Failed(string verb, PosthouseException failure) => _logger.VerbFailed(failure, verb, failure.Code);

    /// <summary>What is set and by whom. Not to what: the address of a node may carry a password.</summary>
    public void Configured(Configuration configuration)
    {
        foreach (var setting in configuration.Given) { _logger.Configured(setting.Name, setting.Source); }
    }

    public void StoreChosen(string path) => _logger.StoreChosen(path, File.Exists(path) ? "is there" : "is not there yet");

    /// <summary>Hears what a store that a verb opens tells of itself.</summary>
    public StoreWatch Store() => new(_lines.CreateLogger("Posthouse.Storage.Sqlite.SqliteJobStore"), PosthouseMetrics.Unwatched, _time);

    /// <summary>The same exchange, with each request and answer told.</summary>
    public IExchange Over(IExchange exchange) => new LoggedExchange(exchange, _logger, _time);
}
