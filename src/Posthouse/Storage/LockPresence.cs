using Posthouse.Storage.Commit;

namespace Posthouse.Storage;

/// <summary>
/// Presence on one machine: each instance holds the lock of a file beside the database for as long as its process lives. Whoever
/// finds the lock free knows that the process is gone, whatever the clocks say.
/// </summary>
internal sealed class LockPresence(string databasePath) : IPresence
{
    public IPresenceSign Show(InstanceId instance) => InstanceLock.TryTake(databasePath, instance) ?? throw new PosthouseException(
        ErrorCodes.StoreUnavailable, $"The lock file of this process beside {databasePath} cannot be made. Check that its folder can be written.");

    public void Renewed(Group group, InstanceId instance)
    {
        // The lock says it.
    }

    public IPresenceSign? FindGone(Group group, InstanceId other) => InstanceLock.TryTake(databasePath, other);
}
