using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>What a sync tells on its way.</summary>
internal enum SyncNews
{
    /// <summary>An operation is being tried.</summary>
    Begun,

    /// <summary>It arrived.</summary>
    Completed,

    /// <summary>It failed and is tried again another time.</summary>
    Postponed,

    /// <summary>Another has what it wants; it is looked at again another time.</summary>
    Waits,

    /// <summary>It failed for good, or is held, and waits for a decision.</summary>
    Failed,
}

/// <summary>An operation that did not arrive.</summary>
/// <param name="Id">Its job.</param>
/// <param name="Title">What it is.</param>
/// <param name="Failure">Why.</param>
/// <param name="Remains">Whether it is tried again by itself.</param>
internal sealed record FailedEntry(JobId Id, string Title, RemoteFailure Failure, bool Remains)
{
    /// <summary>The code of what was not tried in time.</summary>
    public const string Expired = "EXPIRED";

    /// <summary>Whether somebody has to say what becomes of it.</summary>
    public bool NeedsDecision => !Remains && Failure.Code != Expired;
}

/// <summary>Runs what some projects have pending, once each or until all of it is done, and counts what becomes of it.</summary>
internal sealed class SyncRun(IServiceProvider services, TimeProvider time, Action<SyncNews, JobId, string, RemoteFailure?> tell)
{
    private readonly IStore _store = services.GetRequiredService<IStore>();
    /// <summary>Operations that ended their turn without an event: they wait for another's lock, or are of a kind that is left out.</summary>
    private readonly ConcurrentDictionary<JobId, bool> _passed = new();

    /// <summary>Those of them that wait for a lock; each is told once.</summary>
    private readonly ConcurrentDictionary<JobId, bool> _waiting = new();

    private ProjectDispatch? _dispatch;

    private readonly Dictionary<string, string> _titles = new(StringComparer.Ordinal);

    /// <summary>How many arrived.</summary>
    public int Succeeded { get; private set; }

    /// <summary>Whether one waits for another's lock.</summary>
    public bool Waits => !_waiting.IsEmpty;

    /// <summary>Those that did not, each as it ended last.</summary>
    public Dictionary<JobId, FailedEntry> Failed { get; } = [];

    /// <summary>Runs them.</summary>
    /// <param name="projects">Whose.</param>
    /// <param name="most">How long at most.</param>
    /// <param name="awaitsDue">Whether what failed for a passing reason is tried again within that time.</param>
    /// <param name="cancellationToken">Ctrl+C; everything stays queued.</param>
    public async Task RunAsync(IReadOnlyList<KnownProject> projects, TimeSpan most, bool awaitsDue, CancellationToken cancellationToken)
    {
        var position = await services.GetRequiredService<IJobStore>().LastPositionAsync();
        var mine = projects.ToDictionary(project => Project.DestinationOf(project.CloneId), StringComparer.Ordinal);
        await _store.ReadAsync(read => { foreach (var project in projects) { Learn(read, project); } return true; });
        var feed = services.GetRequiredService<TransferFeed>();
        feed.Began += Began;
        feed.Waited += Waited;
        feed.Left += Passed;
        using var limit = new CancellationTokenSource(most, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await using var dispatch = _dispatch = await ProjectDispatch.StartAsync(services, mine.Keys, position);
            while (await HasWorkAsync(mine.Keys, awaitsDue))
            {
                foreach (var step in await dispatch.NextAsync(ends.Token)) { Take(step, awaitsDue); }
            }

            foreach (var step in await dispatch.RestAsync()) { Take(step, awaitsDue); }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // What is left goes on with the next sync.
        }
        finally
        {
            feed.Began -= Began;
            feed.Waited -= Waited;
            feed.Left -= Passed;
        }
    }

    private void Passed(JobId id)
    {
        _passed[id] = true;
        _dispatch?.Nudge();
    }

    private void Waited(JobId id)
    {
        if (_titles.TryGetValue(id.Value, out var title) && _waiting.TryAdd(id, true)) { tell(SyncNews.Waits, id, title, new RemoteFailure(FailureCategory.LockConflict, QueuedText.WaitsForHolder)); }
        Passed(id);
    }

    private void Began(JobId id)
    {
        _passed.TryRemove(id, out _);
        if (_titles.TryGetValue(id.Value, out var title)) { tell(SyncNews.Begun, id, title, null); }
    }

    private void Take(OperationStep step, bool awaitsDue)
    {
        var id = step.Event.Id;
        if (!_titles.TryGetValue(id.Value, out var title)) { return; }

        switch (step.Event)
        {
            case JobDone:
                Succeeded++;
                Failed.Remove(id);
                _waiting.TryRemove(id, out _);
                tell(SyncNews.Completed, id, title, null);
                break;
            case JobAttemptFailed { IsFinal: false } again:
                var failure = step.Failure ?? new RemoteFailure(OperationPlan.CategoryOf(again.Failure.Kind), again.Failure.Message);
                var isHeld = again.NextTry is null;
                Failed[id] = new FailedEntry(id, title, failure, Remains: true);
                tell(isHeld ? SyncNews.Failed : SyncNews.Postponed, id, title, failure);
                // Each further operation would wait for the same silence.
                if (!awaitsDue && failure.Category is FailureCategory.Network or FailureCategory.RateLimit) { services.GetRequiredService<ProjectRoom>().Close(Destination(id)); }
                break;
            case JobDead dead:
                var end = step.Failure ?? new RemoteFailure(FailureCategory.Unknown, dead.Message ?? "It failed.");
                Failed[id] = new FailedEntry(id, title, end, Remains: false);
                tell(SyncNews.Failed, id, title, end);
                break;
            case JobDiscarded { Reason: DeadReason.Expired }:
                var late = new RemoteFailure(FailureCategory.Unknown, "It waited longer than it may, and was not sent. Ask for it again if it is still wanted.") { Code = FailedEntry.Expired };
                Failed[id] = new FailedEntry(id, title, late, Remains: false);
                tell(SyncNews.Failed, id, title, late);
                break;
        }
    }

    /// <summary>Whether something runs, or may run now; with waiting, also whether something becomes due.</summary>
    private Task<bool> HasWorkAsync(IEnumerable<string> destinations, bool awaitsDue)
    {
        var room = services.GetRequiredService<ProjectRoom>();
        var open = destinations.ToList();
        return _store.ReadAsync(read => open.Any(destination =>
            read.Query("SELECT id FROM job WHERE destination = $1 AND state = 1", row => JobId.Parse(row.Text(0)), destination).Any(id => awaitsDue || !_passed.ContainsKey(id))
            || read.Scalar(
                "SELECT count(*) FROM job WHERE destination = $1 AND state = 0 AND (gate = 0 AND $2 = 1 OR gate = 1 AND $3 = 1)",
                destination, room.RoomFor(destination) > 0 ? 1 : 0, awaitsDue ? 1 : 0) > 0));
    }

    private void Learn(IRead read, KnownProject project)
    {
        foreach (var operation in OpenOperations.Of(read, project.CloneId))
        {
            _titles[operation.Id.Value] = OperationTitle.Of(operation.Operation, project.Name);
            _destinations[operation.Id.Value] = Project.DestinationOf(project.CloneId);
        }
    }

    private readonly Dictionary<string, string> _destinations = new(StringComparer.Ordinal);

    private string Destination(JobId id) => _destinations[id.Value];
}
