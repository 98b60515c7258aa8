using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>The double that other tests rely on keeps what real stores keep.</summary>
public sealed class MemoryLockStoreTests : LockStoreContract
{
    private readonly MemoryLockStore _store = new();

    private protected override ValueTask<ILockStore> OpenAsync(string clone) => new(_store);
}
