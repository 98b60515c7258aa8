using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace Posthouse.Mesh.Hosting;

/// <summary>Something that happened in the mesh, as its log line says it.</summary>
/// <param name="Number">Its number; the next one's is higher.</param>
/// <param name="At">When.</param>
/// <param name="Level">How grave.</param>
/// <param name="Code">The log event's name.</param>
/// <param name="Message">The line.</param>
public sealed record MeshEvent(
    long Number, DateTimeOffset At, [property: JsonConverter(typeof(JsonStringEnumConverter<LogLevel>))] LogLevel Level, string Code, string Message);

/// <summary>Stands before a node's log and remembers its last lines, so that people can read them without the log. Any thread.</summary>
/// <param name="log">The log.</param>
/// <param name="time">The wall clock.</param>
internal sealed class MeshEvents(ILogger log, TimeProvider time) : ILogger
{
    /// <summary>Lines that are remembered: some hours of a busy mesh.</summary>
    public const int MaxEvents = 512;

    private readonly Lock _lock = new();
    private readonly Queue<MeshEvent> _events = new();
    private long _number;

    /// <summary>The remembered lines after a number, oldest first.</summary>
    public IReadOnlyList<MeshEvent> Since(long number)
    {
        lock (_lock)
            return [.. _events.Where(happened => happened.Number > number)];
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => log.BeginScope(state);

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information || log.IsEnabled(logLevel);

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        log.Log(logLevel, eventId, state, exception, formatter);
        if (logLevel < LogLevel.Information)
            return;
        lock (_lock)
        {
            if (_events.Count == MaxEvents)
                _events.Dequeue();
            _events.Enqueue(new MeshEvent(++_number, time.GetUtcNow(), logLevel, eventId.Name ?? "", formatter(state, exception)));
        }
    }
}
