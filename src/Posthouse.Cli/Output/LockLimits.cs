using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Output;

/// <summary>What the place that keeps a project's locks cannot do, in words: it is said, never hidden.</summary>
internal static class LockLimits
{
    /// <summary>One sentence for each ability that it lacks.</summary>
    public static IEnumerable<string> Of(LockCapabilities can)
    {
        if (can == LockCapabilities.None)
        {
            yield return "Locks are turned off (Locks:Backend none): nobody checks them.";
            yield break;
        }

        if (!can.HasFlag(LockCapabilities.Fencing)) { yield return "A push is not tied to these locks: they are checked just before it, and can be lost in between."; }
        if (!can.HasFlag(LockCapabilities.Expiry)) { yield return "Locks of this remote do not expire: release them yourself."; }
        if (!can.HasFlag(LockCapabilities.Renewal)) { yield return "Locks of this remote cannot be renewed: a heartbeat has nothing to do."; }
    }
}
