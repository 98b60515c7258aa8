using Posthouse.Tests.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.SystemTests.Vcs;

/// <summary>The contract over refs of a bare repository.</summary>
public sealed class GitRefLockContractTests : GitLockContract
{
    private protected override ILockStore Open(LockClient client) => client.Store;
}

/// <summary>The contract over a remote that takes branches alone, of which nobody knows at first.</summary>
public sealed class RefusedRefLockContractTests : GitLockContract
{
    private protected override void Prepare(GitGround ground, string bare) => ground.Git(bare, "config", "receive.hideRefs", "refs/posthouse");

    private protected override ILockStore Open(LockClient client) =>
        new GitLockStore(Ground, client.Project, client.Journal, new RememberedPrefixes(), Posthouse.Jobs.SystemIds.Instance);
}

/// <summary>A bare repository and clones of it, one for each name.</summary>
public abstract class GitLockContract : LockStoreContract, IDisposable
{
    private readonly Dictionary<string, ILockStore> _clones = [];
    private readonly string _bare;

    private protected GitLockContract()
    {
        _bare = Ground.Bare();
        Prepare(Ground, _bare);
    }

    private protected GitGround Ground { get; } = new();

    public void Dispose()
    {
        Ground.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected virtual void Prepare(GitGround ground, string bare)
    {
    }

    private protected abstract ILockStore Open(LockClient client);

    private protected override ValueTask<ILockStore> OpenAsync(string clone)
    {
        lock (_clones)
        {
            if (!_clones.TryGetValue(clone, out var store)) { _clones[clone] = store = Open(Ground.Client(clone, _bare)); }
            return new(store);
        }
    }
}
