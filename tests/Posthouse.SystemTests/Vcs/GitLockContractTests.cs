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

    [Fact]
    public async Task Where_the_others_registers_lie_under_the_refused_prefix_there_are_none_under_the_other()
    {
        var bare = Ground.Bare();
        Ground.Git(bare, "config", "--unset-all", "receive.hideRefs");
        var theirs = Ground.Client("first", bare).Store;
        (await theirs.CompareAndSwapAsync(ResourceKey.Of("mix"), VersionToken.Absent, RememberedRecords.Held("mix", "nora", "op_1"), default)).ShouldBeOfType<CasOutcome.Won>();
        Ground.Git(bare, "config", "receive.hideRefs", "refs/posthouse");
        var mine = Open(Ground.Client("second", bare));

        (await mine.CompareAndSwapAsync(ResourceKey.Of("bass"), VersionToken.Absent, RememberedRecords.Held("bass", "ben", "op_2"), default)).ShouldBeOfType<CasOutcome.Refused>();

        (await mine.ReadAsync(ResourceKey.Of("mix"), default)).Record.ShouldNotBeNull().OpId.ShouldBe("op_1");
    }
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
