using Posthouse.Jobs;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Heartbeat;

/// <summary>Renews a clone's lock at its remote.</summary>
internal interface ILeaseRenewal
{
    /// <summary>Reads the lock, and renews it if it is still that tenure's. Never throws what an exchange can cause.</summary>
    /// <param name="kept">The lock.</param>
    /// <param name="opId">The renewal's id.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<LockAnswer> RenewAsync(KeptLock kept, string opId, CancellationToken cancellationToken);
}

/// <summary>
/// Keeps the locks of one user alive, one after another, and ends when none is left. Nothing of it is ever queued: a renewal that
/// comes too late is worth nothing. Each renewal reads first, so that one after a standby never touches what is another's by now.
/// </summary>
/// <param name="folder">The locks to keep, and where the state is shown.</param>
/// <param name="renewal">Renews them.</param>
/// <param name="options">How often, and how long.</param>
/// <param name="ids">Spreads the beats.</param>
/// <param name="time">The clocks.</param>
/// <param name="tell">Hears each event.</param>
internal sealed class HeartbeatLoop(HeartbeatFolder folder, ILeaseRenewal renewal, HeartbeatOptions options, IIds ids, TimeProvider time, Action<HeartbeatEvent> tell)
{
    /// <summary>For how long an ended one is still shown: until somebody came back from a weekend.</summary>
    private static readonly TimeSpan _shown = TimeSpan.FromDays(3);

    /// <summary>What a timer can tell from nothing: below it a rest would be none.</summary>
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<(string Clone, string LockId), KeptState> _states = [];
    private IReadOnlyList<KeptState>? _written;
    private (DateTimeOffset Wall, long Mark) _last = (time.GetUtcNow(), time.GetTimestamp());

    /// <summary>Runs until nothing is left to keep.</summary>
    /// <exception cref="OperationCanceledException">It was ended from outside.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _last = (time.GetUtcNow(), time.GetTimestamp());
        while (await TickAsync(cancellationToken) is { } wait)
            await Task.Delay(wait, time, cancellationToken);
    }

    /// <summary>Does what is due. Answers how long to rest; null: there is nothing to keep.</summary>
    internal async Task<TimeSpan?> TickAsync(CancellationToken cancellationToken)
    {
        var slept = Slept();
        var kept = folder.Kept();
        foreach (var one in kept)
            await KeepAsync(StateOf(one), slept, cancellationToken);
        foreach (var gone in _states.Values.Where(state => state.End is null && !kept.Any(one => IdOf(one) == IdOf(state.Lock))).ToList())
            End(gone, HeartbeatEnd.Stopped);

        var now = time.GetUtcNow();
        foreach (var (id, state) in _states.Where(pair => pair.Value.End is not null && now - pair.Value.DueAt > _shown).ToList())
            _states.Remove(id);
        Show(now);
        var living = _states.Values.Where(state => state.End is null).ToList();
        if (living.Count == 0)
            return null;
        var due = living.Min(state => state.DueAt) - now;
        return due < _shortest ? _shortest : due < options.Poll ? due : options.Poll;
    }

    /// <summary>Writes the state where it changed: a disk that sleeps is not woken four times a minute.</summary>
    private void Show(DateTimeOffset now)
    {
        if (_written is not null && _written.SequenceEqual(_states.Values))
            return;
        _written = [.. _states.Values];
        folder.Save(new HeartbeatStatus(WatchedProcess.Of(Environment.ProcessId), now, _written));
    }

    private static (string Clone, string LockId) IdOf(KeptLock kept) => (kept.CloneId, kept.LockId);

    /// <summary>What is known of a lock; nothing of one that is kept anew after its end.</summary>
    private KeptState StateOf(KeptLock one) => _states.GetValueOrDefault(IdOf(one)) is { } known && (known.End is null || known.Lock.Since == one.Since)
        ? known with { Lock = one }
        : new KeptState(one, time.GetUtcNow());

    private async Task KeepAsync(KeptState state, TimeSpan slept, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (HeartbeatRules.EndOf(state, now, state.Lock.Process?.IsAlive() ?? true, options) is { } end)
        {
            End(state, end);
            return;
        }

        if (slept > TimeSpan.Zero)
        {
            Tell(HeartbeatEventKind.Resumed, state, $"The machine slept for {slept:d\\.hh\\:mm\\:ss}; looking whether {state.Lock.Resource} is still yours.");
            state = state with { DueAt = now };
        }

        if (state.DueAt <= now)
            state = await BeatAsync(state, cancellationToken);
        if (state.End is { } over)
        {
            End(state with { End = null }, over);
            return;
        }

        if (HeartbeatRules.WarningOf(state, time.GetUtcNow()) is { } warning)
        {
            Tell(HeartbeatEventKind.Warning, state, HeartbeatRules.TextOf(warning, state));
            state = state with { Warned = warning };
        }

        _states[IdOf(state.Lock)] = state;
    }

    private async Task<KeptState> BeatAsync(KeptState state, CancellationToken cancellationToken)
    {
        // One id for each beat: a renewal that is known by its id would not be written a second time.
        var opId = $"beat-{state.Lock.LockId}-{ids.NextUInt64():x16}";
        var answer = await renewal.RenewAsync(state.Lock, opId, cancellationToken);
        var after = HeartbeatRules.After(state, answer, time.GetUtcNow(), options, ids.NextFraction());
        if (answer is LockAnswer.Renewed renewed)
            Tell(HeartbeatEventKind.Renewed, after, renewed.WasExpired ? $"The lease of {state.Lock.Resource} was over and is renewed; nobody had taken the lock." : $"The lock of {state.Lock.Resource} is renewed.");
        else if (after.Failures == 1)
            Tell(HeartbeatEventKind.Failed, after, $"The lock of {state.Lock.Resource} could not be renewed: {after.LastError}");
        return after;
    }

    private void End(KeptState state, HeartbeatEnd end)
    {
        if (state.End is null)
            Tell(HeartbeatEventKind.Ended, state, HeartbeatRules.TextOf(end, state.Lock));
        folder.Drop(state.Lock);
        _states[IdOf(state.Lock)] = state with { End = end, DueAt = state.End is null ? time.GetUtcNow() : state.DueAt };
    }

    /// <summary>By how much the wall clock ran ahead of the other one since the last look, when that is more than chance.</summary>
    private TimeSpan Slept()
    {
        var (wall, mark) = (time.GetUtcNow(), time.GetTimestamp());
        var slept = wall - _last.Wall - time.GetElapsedTime(_last.Mark, mark);
        _last = (wall, mark);
        return slept > HeartbeatRules.Sleep ? slept : TimeSpan.Zero;
    }

    private void Tell(HeartbeatEventKind kind, KeptState state, string text) => tell(new HeartbeatEvent(kind, state.Lock, time.GetUtcNow(), text));
}
