using Posthouse.Storage;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Sync;

/// <summary>The prefixes of remotes, in the person's store.</summary>
internal sealed class LockPrefixes(IStore store) : ILockPrefixes
{
    private string? _news;

    public async ValueTask<string?> FindAsync(string address) => await store.ReadAsync(read => read.QueryFirst(
        "SELECT prefix FROM vcs_prefix WHERE address = $1", row => row.Text(0), address));

    public async ValueTask KeepAsync(string address, string prefix)
    {
        await store.WriteAsync(write => write.Execute(
            "INSERT INTO vcs_prefix(address, prefix) VALUES ($1, $2) ON CONFLICT (address) DO UPDATE SET prefix = excluded.prefix", address, prefix));
        if (prefix != LockProtocol.RefPrefix) { _news = $"This remote takes no refs of our own; its locks are branches under {prefix} from now on."; }
    }

    /// <summary>What was found out in this process and is not told yet, or null. It is remembered, so nobody is told twice.</summary>
    public string? TakeNews() => Interlocked.Exchange(ref _news, null);
}
