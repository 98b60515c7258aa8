using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Storage.Memory;

/// <summary>
/// Jobs kept in memory, for tests and for what need not outlive its process; and the readable specification of
/// <see cref="IJobStore"/>. Everything happens under one lock: a call is a transaction, then the standing claims are looked
/// at, and answers are given after the lock was left. A settlement's own change may append events; SQL needs a database.
/// </summary>
public sealed class MemoryJobStore : IJobStore
{
    /// <summary>Timers take no more than some weeks; a longer wait is looked at again in between.</summary>
    private static readonly TimeSpan s_longestTimer = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly WallClock _clock;
    private readonly ITimer _timer;
    private readonly Books _books = new();
    private readonly StandingClaims _claims = new();
    private readonly Admitting _admitting;
    private readonly Leasing _leasing;
    private readonly Settling _settling;
    private readonly Deciding _deciding;
    private readonly Sweeping _sweeping;
    private readonly Instances _instances;
    private readonly Listing _listing;
    private List<Action> _afterwards = [];
    private TaskCompletionSource _changed = NewChange();
    private long _told;
    private bool _isClosed;

    /// <summary>An empty store.</summary>
    /// <param name="time">The clock: wall time for instants, monotonic time to notice a wall clock that goes back, timers for
    /// standing claims.</param>
    /// <param name="ids">Names instances.</param>
    /// <param name="limits">What it takes at most.</param>
    public MemoryJobStore(TimeProvider time, IIds ids, QueueLimits limits)
    {
        ArgumentNullException.ThrowIfNull(time);
        var waiting = new WaitingRule(_books);
        var endings = new Endings(_books, waiting);
        _time = time;
        _clock = new WallClock(time);
        _admitting = new Admitting(_books, waiting, endings, limits);
        _leasing = new Leasing(_books, endings);
        _settling = new Settling(_books, waiting, endings);
        _sweeping = new Sweeping(_books);
        _instances = new Instances(ids, _settling, _leasing);
        _deciding = new Deciding(_books, waiting, endings, _admitting, _sweeping, Hint);
        _listing = new Listing(_books);
        _timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Admission>> EnqueueAsync(IReadOnlyList<JobDraft> drafts) =>
        Transact<IReadOnlyList<Admission>>(() => [.. drafts.Select(_admitting.Admit)]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LeasedJob>> ClaimAsync(ClaimRequest request) => Transact(() => _claims.Add(request)).Unwrap();

    /// <inheritdoc/>
    public Task WithdrawAsync(InstanceId instance) => Transact(() => Withdraw(instance));

    /// <inheritdoc/>
    public Task<bool> SettleAsync(Lease lease, Settlement settlement) => Transact(() => _settling.Settle(lease, settlement));

    /// <inheritdoc/>
    public Task<IReadOnlyList<HeldLease>> RenewAsync(InstanceId instance, TimeSpan by) =>
        Transact<IReadOnlyList<HeldLease>>(() => _settling.Renew(instance, by));

    /// <inheritdoc/>
    public Task<InstanceId> JoinAsync(Action hint) => Transact(() => _instances.Join(hint));

    /// <inheritdoc/>
    public Task<int> TakeOverAsync(InstanceId instance) => Transact(_instances.TakeOver);

    /// <inheritdoc/>
    public Task LeaveAsync(InstanceId instance) => Transact(() =>
    {
        _instances.Leave(instance);
        return Withdraw(instance);
    });

    /// <inheritdoc/>
    public Task<CommandAnswer> DecideAsync(JobCommand command) => Transact(() => _deciding.Decide(command));

    /// <inheritdoc/>
    public Task<int> SweepAsync(TimeSpan keep) => Transact(() => _sweeping.Sweep(keep));

    /// <inheritdoc/>
    public Task<JobRecord?> GetAsync(JobId id) => Look(() => _listing.Get(id));

    /// <inheritdoc/>
    public Task<IReadOnlyList<JobRecord>> ListAsync(JobQuery query) => Look<IReadOnlyList<JobRecord>>(() => _listing.List(query));

    /// <inheritdoc/>
    public Task<QueueCounts> CountAsync() => Look(_listing.Count);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(long after, EventFilter filter, int limit) =>
        Look<IReadOnlyList<StoredEvent>>(() => _books.Events.Read(after, filter, limit));

    /// <inheritdoc/>
    public Task<long> LastPositionAsync() => Look(() => _books.Events.Last);

    /// <inheritdoc/>
    /// <remarks>References in memory need no announcement: they end with the process.</remarks>
    public Task StageAsync(StoredFile file) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task AcknowledgeAsync(string owner, long position) => Transact(() =>
    {
        _books.Events.Acknowledge(_books.Now, owner, position);
        return true;
    });

    /// <inheritdoc/>
    public Task ChangedAsync(long position, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        lock (_gate)
        {
            return _isClosed || _books.Events.Last > position ? Task.CompletedTask : _changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Wake()
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                Begin();
                Commit();
            }
        }

        RunAfterwards();
    }

    /// <summary>Ends all standing claims with nothing and forgets everything.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            Withdraw(null);
            _afterwards.Add(_changed.SetResult);
            _changed = NewChange();
        }

        RunAfterwards();
        return _timer.DisposeAsync();
    }

    /// <summary>For tests: the instance's process is gone without a word, so its leases wait to be taken over.</summary>
    internal void DeclareGone(InstanceId instance)
    {
        lock (_gate)
        {
            _instances.DeclareGone(instance);
            Withdraw(instance);
        }

        RunAfterwards();
    }

    private Task<T> Transact<T>(Func<T> change)
    {
        try
        {
            T answer;
            lock (_gate)
            {
                Begin();
                answer = Undoable(change);
                Commit();
            }

            RunAfterwards();
            return Task.FromResult(answer);
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }

    private Task<T> Look<T>(Func<T> look)
    {
        lock (_gate)
        {
            return _isClosed ? Task.FromException<T>(Closed()) : Task.FromResult(look());
        }
    }

    private void Begin()
    {
        if (_isClosed)
        {
            throw Closed();
        }

        _books.Begin(_clock.Read(out var wentBack));
        if (wentBack)
        {
            _leasing.CutDelays();
            _books.Keep();
        }
    }

    private T Undoable<T>(Func<T> change)
    {
        var before = _afterwards.Count;
        try
        {
            var answer = change();
            _books.Keep();
            return answer;
        }
        catch
        {
            _books.Undo();
            _afterwards.RemoveRange(before, _afterwards.Count - before);
            throw;
        }
    }

    /// <summary>After a change: whoever waits for jobs, for events or for a time is served.</summary>
    private void Commit()
    {
        _claims.Look(request => Undoable(() => _leasing.Claim(request)), _afterwards);
        if (_books.Events.Last > _told)
        {
            _told = _books.Events.Last;
            _afterwards.Add(_changed.SetResult);
            _changed = NewChange();
        }

        var next = _claims.Instances is { Count: > 0 } standing ? _leasing.NextLook(standing) : null;
        _timer.Change(next is { } at ? Due(at) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>At least a millisecond: a timer that is due at once could come back while the lock is held.</summary>
    private TimeSpan Due(long at) =>
        TimeSpan.FromMilliseconds(Math.Clamp(at - _books.Now, 1, (long)s_longestTimer.TotalMilliseconds));

    private bool Withdraw(InstanceId? instance)
    {
        _claims.Withdraw(instance, _afterwards);
        return true;
    }

    private void Hint(InstanceId instance)
    {
        if (_instances.HintOf(instance) is { } hint)
        {
            _afterwards.Add(hint);
        }
    }

    private void RunAfterwards()
    {
        List<Action> afterwards;
        lock (_gate)
        {
            (afterwards, _afterwards) = (_afterwards, []);
        }

        afterwards.ForEach(act => act());
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static PosthouseException Closed() => new(ErrorCodes.StoreUnavailable, "The store is closed. Open a new one.");
}
