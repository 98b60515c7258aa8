namespace Posthouse.Dispatch;

/// <summary>
/// How many jobs to claim beyond the free places. As many as ended while the last claim was under way: quick jobs are then
/// claimed in batches, so that no place waits for a commit, and long ones are left to whoever is free.
/// </summary>
internal sealed class Prefetch
{
    /// <summary>Jobs claimed ahead at most: more would only sit under a lease here while another process is idle.</summary>
    private const int Most = 256;

    private int _ended;
    private int _ahead;

    /// <summary>How many jobs a claim asks for.</summary>
    public int Want(int places, int taken) => places + _ahead - taken;

    public void Ended() => _ended++;

    public void Claimed()
    {
        _ahead = Math.Min(_ended, Most);
        _ended = 0;
    }
}
