using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Dispatch;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>One thing that became of an operation.</summary>
/// <param name="Event">What the core says.</param>
/// <param name="Failure">What this room's handler said about it, where it failed.</param>
internal sealed record OperationStep(JobEvent Event, RemoteFailure? Failure);

/// <summary>Runs the queue of some projects in this process, and tells what becomes of their operations, until it is disposed of.</summary>
internal sealed class ProjectDispatch : IAsyncDisposable
{
    private const int Page = 200;

    /// <summary>A person who pressed Ctrl+C, or whose budget is spent, waits for one exchange to be cut, not for its end.</summary>
    private static readonly TimeSpan _stopWithin = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly IJobStore _store;
    private readonly JobEventReader _reader;
    private Task _running = Task.CompletedTask;
    private volatile TaskCompletionSource _nudged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _position;
    private bool _isStopped;

    private ProjectDispatch(IServiceProvider services, long position)
    {
        _store = services.GetRequiredService<IJobStore>();
        _reader = services.GetRequiredService<JobEventReader>();
        _position = position;
    }

    /// <summary>Starts; what did not reach its remote the last time is tried at once.</summary>
    /// <param name="services">The pocket, with this room in it.</param>
    /// <param name="destinations">Whose operations run.</param>
    /// <param name="position">From where in the log on steps are told.</param>
    public static async Task<ProjectDispatch> StartAsync(IServiceProvider services, IReadOnlyCollection<string> destinations, long position)
    {
        var dispatch = new ProjectDispatch(services, position);
        foreach (var destination in destinations) { await dispatch._store.DecideAsync(new JobCommand.Reached(destination)); }

        var room = services.GetRequiredService<ProjectRoom>();
        var dispatcher = new Dispatcher(
            dispatch._store, services.GetRequiredService<JobRegistry>(), services.GetRequiredService<JobRunner>(), room, services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<PosthouseOptions>().Dispatch with { StopWithin = _stopWithin },
            services.GetService<ILoggerFactory>()?.CreateLogger<Dispatcher>() ?? (ILogger)NullLogger.Instance);
        room.Open(destinations);
        await dispatcher.JoinAsync();
        dispatch._running = dispatcher.RunAsync(dispatch._stop.Token);
        return dispatch;
    }

    /// <summary>An operation ended its turn in a way that the log does not tell: <see cref="NextAsync"/> completes, with nothing if there is nothing.</summary>
    public void Nudge() => _nudged.TrySetResult();

    /// <summary>Completes with the next steps of any job of the store, in order; at least one, unless it was nudged.</summary>
    public async Task<IReadOnlyList<OperationStep>> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var events = await _store.ReadEventsAsync(_position, new EventFilter(), Page);
            if (events.Count > 0)
            {
                _position = events[^1].Position;
                if (Read(events) is { Count: > 0 } steps) { return steps; }
                continue;
            }

            // A dispatcher that died would leave this waiting for ever.
            if (await Task.WhenAny(_store.ChangedAsync(_position, cancellationToken), _running, _nudged.Task) == _running) { await _running; }
            cancellationToken.ThrowIfCancellationRequested();
            if (_nudged.Task.IsCompleted)
            {
                _nudged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return [];
            }
        }
    }

    /// <summary>The steps that are there and were not told yet; waits for none.</summary>
    public async Task<IReadOnlyList<OperationStep>> RestAsync()
    {
        List<OperationStep> rest = [];
        while (await _store.ReadEventsAsync(_position, new EventFilter(), Page) is { Count: > 0 } events)
        {
            _position = events[^1].Position;
            rest.AddRange(Read(events));
        }

        return rest;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isStopped) { return; }

        _isStopped = true;
        _stop.Cancel();
        await Task.WhenAny(_running);
        _stop.Dispose();
    }

    /// <summary>A handler's note stands in the log just ahead of the core's own event about the same try.</summary>
    private List<OperationStep> Read(IReadOnlyList<StoredEvent> events)
    {
        var steps = new List<OperationStep>();
        var notes = new Dictionary<string, RemoteFailure>(StringComparer.Ordinal);
        foreach (var stored in events)
        {
            if (OperationNote.TryRead(stored)?.Failure is { } failure) { notes[stored.Subject] = failure; }
            if (_reader.Read(stored) is { } told) { steps.Add(new OperationStep(told, notes.GetValueOrDefault(told.Id.Value))); }
        }

        return steps;
    }
}
