using Posthouse.Cli.Output;
using Posthouse.Vcs;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Hosting;

/// <summary>Looks at the locks of a project: at the remote's registers, and at what this machine remembers of them.</summary>
internal sealed class LockDesk
{
    private readonly ProjectSite _site;
    private readonly LockOptions _options;

    public LockDesk(ProjectSite site) => (_site, _options) = (site, VcsPocket.Locks(site.Configuration));

    private DateTimeOffset Now => _site.Time.GetUtcNow();

    /// <summary>Finds out whether the remote is there at all, which is quicker than to wait for an answer that cannot come.</summary>
    /// <exception cref="VcsException">NETWORK_UNAVAILABLE: it is not.</exception>
    public async Task ReachAsync(CancellationToken cancellationToken)
    {
        if (await _site.ReachAsync(cancellationToken) is Reachability.Offline) { throw new VcsException(new RemoteFailure(FailureCategory.Network, "Network is offline")); }
    }

    /// <summary>Reads one register at the remote, and remembers what it holds.</summary>
    /// <exception cref="VcsException">It cannot be read.</exception>
    public async Task<LockFace> ReadAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        var view = await AskAsync(async ends => await _site.Policy.ReadAsync(key, ends), cancellationToken);
        await _site.Book.SeenAsync(_site.Me, view);
        return new LockFace(view, Now);
    }

    /// <summary>Reads all registers at the remote, and remembers what they hold.</summary>
    /// <exception cref="VcsException">They cannot be read.</exception>
    public async Task<List<LockFace>> ReadAllAsync(CancellationToken cancellationToken)
    {
        var views = await AskAsync(
            async ends =>
            {
                List<LockView> all = [];
                await foreach (var view in _site.Policy.ListAsync(ends)) { all.Add(view); }
                return all;
            },
            cancellationToken);
        await _site.Book.SeenAllAsync(_site.Me, views);
        return [.. views.Select(view => new LockFace(view, Now))];
    }

    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var talk = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var doubt = _site.DoubtAsync(talk, () => false, talk.Token);
        try
        {
            return await ask(talk.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VcsException(RemoteReach.Silent);
        }
        finally
        {
            talk.Cancel();
            await doubt;
        }
    }

    /// <summary>What is remembered of one lock, or null.</summary>
    public async Task<LockFace?> KnownAsync(ResourceKey key) =>
        await _site.Store.ReadAsync(read => LockBook.Find(read, _site.Project.CloneId, key)) is { } known ? Face(known) : null;

    /// <summary>What is remembered of all.</summary>
    public async Task<List<LockFace>> KnownAllAsync() =>
        [.. (await _site.Store.ReadAsync(read => LockBook.List(read, _site.Project.CloneId))).Select(Face)];

    /// <summary>The lock that an operation was refused for just now: it was written down with the refusal, and nothing was seen since. Null: it is not known.</summary>
    public async Task<LockFace?> RefusedForAsync(OperationEnd end) => end is { Kind: OperationEndKind.Conflict, Failure.Category: FailureCategory.LockConflict }
        && (await KnownAllAsync()).MaxBy(face => face.ReadAt) is { Record: not null } face ? face with { ReadAt = null } : null;

    /// <summary>Locks that were taken from this clone and not given up since.</summary>
    public async Task<List<LockFace>> LostAsync() => [.. (await _site.Store.ReadAsync(read => LockBook.List(read, _site.Project.CloneId)))
        .Where(known => known.Standing == KnownStanding.Lost).Select(Face)];

    /// <summary>Locks that this clone asked for and perhaps has not got yet.</summary>
    public Task<List<ResourceKey>> WantedAsync() => _site.Store.ReadAsync(read => OpenOperations.Wanted(read, _site.Project.CloneId));

    /// <summary>The person gave a lost lock up: nothing warns of it any more.</summary>
    public Task GiveUpAsync(ResourceKey key) => _site.Book.ToldAsync(_site.Project.CloneId, key);

    /// <summary>The tenure that a person means by its id or the beginning of it, as far as it is known here; else what was given.</summary>
    public async Task<string?> LockIdAsync(ResourceKey key, string? given) =>
        given is not null && (await KnownAsync(key))?.Record is { } record && record.LockId.StartsWith(given, StringComparison.OrdinalIgnoreCase) ? record.LockId : given;

    private LockFace Face(KnownLock known) => Remembered(known, _site.Me, _options, Now);

    /// <summary>A lock as it was when it was last heard of, judged by today's clock.</summary>
    public static LockFace Remembered(KnownLock known, LockOwner? me, LockOptions options, DateTimeOffset now)
    {
        var snapshot = new LockSnapshot(known.Key, known.Version, known.Record);
        // Who looks without Git knows from the book alone whether a lock is its own.
        var owner = me ?? (known.Standing == KnownStanding.Mine ? known.Record?.Owner : null) ?? _nobody;
        // The last year that can be written is what a record says whose place keeps no leases.
        var can = known.Record?.ExpiresAt.Year == DateTimeOffset.MaxValue.Year ? LockCapabilities.None : LockCapabilities.Expiry;
        return new LockFace(LeaseClock.View(snapshot, now, TimeSpan.Zero, owner, options, can), now) { ReadAt = known.SeenAt };
    }

    private static readonly LockOwner _nobody = new("", "", "", "", "", "");
}
