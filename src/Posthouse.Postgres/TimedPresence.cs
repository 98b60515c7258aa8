using Posthouse.Storage;
using Posthouse.Storage.Commit;

namespace Posthouse.Postgres;

/// <summary>
/// Presence across machines, by the server's clock alone: an instance that has not given its leases a new end for as long as a
/// lease lasts is gone. A lost connection says nothing: the process behind it may live and work.
/// </summary>
internal sealed class TimedPresence : IPresence
{
    /// <summary>The length of a lease, which its holder renews three times meanwhile.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>Whether an instance has given its leases a new end within that time.</summary>
    public static bool IsAlive(IRead read, InstanceId instance) => read.Scalar(
        "SELECT 1 FROM instance WHERE id = $1 AND seen_at > (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT - $2", instance.Value, (long)Silence.TotalMilliseconds) == 1;

    public IPresenceSign Show(InstanceId instance) => Sign.Instance;

    public void Renewed(Group group, InstanceId instance) =>
        group.Execute("UPDATE instance SET seen_at = $2 WHERE id = $1", instance.Value, group.NowMs);

    public IPresenceSign? FindGone(Group group, InstanceId other) =>
        group.Scalar("SELECT 1 FROM instance WHERE id = $1 AND seen_at <= $2", other.Value, group.NowMs - (long)Silence.TotalMilliseconds) == 1 ? Sign.Instance : null;

    /// <summary>There is nothing to hold: the row says it.</summary>
    private sealed class Sign : IPresenceSign
    {
        public static readonly Sign Instance = new();

        public void Remove()
        {
        }

        public void Dispose()
        {
        }
    }
}
