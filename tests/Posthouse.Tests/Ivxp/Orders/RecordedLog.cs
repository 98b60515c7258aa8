using Microsoft.Extensions.Logging;

namespace Posthouse.Tests.Ivxp.Orders;

/// <summary>Keeps the event ids of what was logged, in order.</summary>
internal sealed class RecordedLog : ILoggerFactory, ILogger
{
    private readonly List<int> _ids = [];

    public IReadOnlyList<int> Ids
    {
        get
        {
            lock (_ids)
                return [.. _ids];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_ids)
            _ids.Add(eventId.Id);
    }

    public void Dispose()
    {
    }
}
