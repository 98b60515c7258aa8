using Posthouse.Storage;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Sync;

/// <summary>What is believed about a remote.</summary>
/// <param name="State">Whether it can be reached, as it was last seen.</param>
/// <param name="CheckedAt">When that was.</param>
/// <param name="NotBefore">It asked to be left alone until then.</param>
/// <param name="Permits">What is left for further tries.</param>
/// <param name="WorkedAt">When it last answered; null: never.</param>
internal sealed record RemoteState(Reachability State, DateTimeOffset CheckedAt, DateTimeOffset? NotBefore, double Permits, DateTimeOffset? WorkedAt)
{
    /// <summary>A remote that nothing was heard of.</summary>
    public static RemoteState Unheard { get; } = new(Reachability.Unknown, DateTimeOffset.UnixEpoch, null, RemoteHealth.FullPermits, null);

    /// <summary>Whether a failed try may be followed by another at once: many runs of a program must not add up to a storm.</summary>
    public bool AllowsRetry => Permits > RemoteHealth.FullPermits / 2;
}

/// <summary>
/// Remembers across verbs whether a remote can be reached, so that a verb without network does not wait for what the one before it
/// found out, and how much patience is left with it.
/// </summary>
internal sealed class RemoteHealth(IStore store, TimeProvider time)
{
    /// <summary>Permits of a remote that works: each failure costs one, and with half of them gone there are no further tries at once.</summary>
    public const double FullPermits = 10;

    /// <summary>What an answer gives back: a remote that works again is trusted after a few.</summary>
    private const double PerAnswer = 1;

    private const int Thousandth = 1_000;

    /// <summary>What is believed.</summary>
    public Task<RemoteState> ReadAsync(string address) => store.ReadAsync(read => Read(read, address));

    /// <summary>Notes what a probe found.</summary>
    public Task ProbedAsync(string address, Reachability state) => store.WriteAsync(write => Keep(write, address, Read(write, address) with { State = state, CheckedAt = write.Now }));

    /// <summary>
    /// Whether a remote can be reached: as it was last seen, if that is fresh, else as a probe finds. That it was away is believed of
    /// the caller's own look alone: whoever asks for something now is not told what was true for another.
    /// </summary>
    /// <param name="address">The remote, as it is shown.</param>
    /// <param name="fresh">How long a sight is believed.</param>
    /// <param name="since">When the caller began.</param>
    /// <param name="probe">Asks it; told whether it was away a moment ago.</param>
    public async Task<Reachability> FindAsync(string address, TimeSpan fresh, DateTimeOffset since, Func<bool, Task<Reachability>> probe)
    {
        var known = await ReadAsync(address);
        var age = time.GetUtcNow() - known.CheckedAt;
        var wasAway = known.State is Reachability.Offline && age >= TimeSpan.Zero && age < fresh;
        if (wasAway && known.CheckedAt >= since) { return Reachability.Offline; }
        if (known.State is Reachability.Online && age >= TimeSpan.Zero && age < fresh) { return Reachability.Online; }

        var found = await probe(wasAway);
        await ProbedAsync(address, found);
        return found;
    }

    /// <summary>What is believed, on a snapshot.</summary>
    public static RemoteState Read(IRead read, string address) => read.QueryFirst(
        "SELECT state, checked_at, not_before, permits, worked_at FROM vcs_remote WHERE address = $1",
        row => new RemoteState((Reachability)row.Int64(0), At(row.Int64(1)), row.Int64OrNull(2) is { } until ? At(until) : null,
            row.Int64(3) / (double)Thousandth, row.Int64OrNull(4) is { } worked ? At(worked) : null), address) ?? RemoteState.Unheard;

    /// <summary>The remote answered; a refusal is an answer, too.</summary>
    public static bool Answered(IWrite write, string address)
    {
        var known = Read(write, address);
        return Keep(write, address, known with
        {
            State = Reachability.Online,
            CheckedAt = write.Now,
            NotBefore = null,
            Permits = Math.Min(FullPermits, known.Permits + PerAnswer),
            WorkedAt = write.Now,
        });
    }

    /// <summary>A try failed for a passing reason.</summary>
    public static bool Failed(IWrite write, string address, RemoteFailure failure)
    {
        var known = Read(write, address);
        return Keep(write, address, known with
        {
            State = failure.Category is FailureCategory.Network ? Reachability.Unknown : Reachability.Online,
            CheckedAt = write.Now,
            NotBefore = failure.RetryAfter is { } wait ? write.Now + wait : known.NotBefore,
            Permits = Math.Max(0, known.Permits - 1),
        });
    }

    /// <summary>An address without its user name and password: what may be stored and shown.</summary>
    public static string Shown(string url)
    {
        var begin = url.IndexOf("://", StringComparison.Ordinal);
        if (begin < 0) { return url; }

        var end = url.IndexOf('/', begin + 3);
        var authority = end < 0 ? url[(begin + 3)..] : url[(begin + 3)..end];
        var at = authority.LastIndexOf('@');
        return at < 0 ? url : string.Concat(url.AsSpan(0, begin + 3), authority.AsSpan(at + 1), end < 0 ? "" : url.AsSpan(end));
    }

    private static bool Keep(IWrite write, string address, RemoteState state) => write.Execute("""
        INSERT INTO vcs_remote(address, state, checked_at, not_before, permits, worked_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (address) DO UPDATE SET state = excluded.state, checked_at = excluded.checked_at, not_before = excluded.not_before,
               permits = excluded.permits, worked_at = excluded.worked_at
        """, address, (long)state.State, state.CheckedAt.ToUnixTimeMilliseconds(), state.NotBefore?.ToUnixTimeMilliseconds(),
        (long)(state.Permits * Thousandth), state.WorkedAt?.ToUnixTimeMilliseconds()) > 0;

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
