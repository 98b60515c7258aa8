namespace Posthouse.Mesh.Gossip;

/// <summary>How much of something a peer may send.</summary>
/// <param name="Burst">At once, after a silence.</param>
/// <param name="PerSecond">In the long run.</param>
internal readonly record struct Share(double Burst, double PerSecond);

/// <summary>What is left of a share. Starts full.</summary>
internal struct TokenBucket
{
    private double _taken;
    private TimeSpan _at;

    /// <summary>Takes from the share.</summary>
    /// <returns>False: so much is not left, and nothing was taken.</returns>
    public bool TryTake(double amount, Share share, TimeSpan now)
    {
        if (now > _at)
        {
            _taken = Math.Max(0, _taken - ((now - _at).TotalSeconds * share.PerSecond));
            _at = now;
        }

        if (_taken + amount > share.Burst)
            return false;
        _taken += amount;
        return true;
    }
}
