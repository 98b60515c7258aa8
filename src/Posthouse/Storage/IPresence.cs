using Posthouse.Storage.Commit;

namespace Posthouse.Storage;

/// <summary>How dispatching processes of one store know of each other that they live.</summary>
internal interface IPresence
{
    /// <summary>Shows that an instance of this process lives, for as long as the process does.</summary>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: it cannot be shown.</exception>
    IPresenceSign Show(InstanceId instance);

    /// <summary>An instance joined, or gave its leases a new end, in this transaction.</summary>
    void Renewed(Group group, InstanceId instance);

    /// <summary>
    /// The sign of another instance that is surely gone, ours for as long as its leases are being taken; null where it may live.
    /// It is let go whatever happens to the transaction: one that stayed with us would make the dead one look alive.
    /// </summary>
    IPresenceSign? FindGone(Group group, InstanceId other);
}

/// <summary>That an instance lives; disposing of it ends that without a word, as the death of its process would.</summary>
internal interface IPresenceSign : IDisposable
{
    /// <summary>Ends it for good: the instance will not come back.</summary>
    void Remove();
}
