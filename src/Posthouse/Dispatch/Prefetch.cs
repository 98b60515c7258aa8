namespace Posthouse.Dispatch;

/// <summary>
/// How many jobs to claim beyond the free places. Places that stood idle while a claim was under way say that too few were: next
/// time it is twice as many, so that quick jobs are claimed in batches and no place waits for a commit. Jobs that were hardly
/// begun meanwhile say that it were too many, and a quarter fewer: long ones are left to whoever is free.
/// </summary>
/// <param name="places">Jobs that run at the same time.</param>
internal sealed class Prefetch(int places)
{
    /// <summary>
    /// Jobs claimed ahead at most: 40 ms of work where a job takes 40 µs, the least of any. With more the price of a commit for each would not
    /// fall any more, and they would only sit under a lease here while another process is idle.
    /// </summary>
    private const int Most = 1_024;

    private int _ended;
    private int _ahead;

    /// <summary>How many jobs a claim asks for: none while half of what is claimed ahead is still there, for a claim is a journey.</summary>
    /// <param name="taken">Jobs that run or wait here for a place.</param>
    public int Want(int taken) => taken > places + (_ahead / 2) ? 0 : places + _ahead - taken;

    /// <summary>A handler has answered.</summary>
    public void Ended() => _ended++;

    /// <summary>A claim has come back.</summary>
    /// <param name="left">Jobs that ran or waited here when it did.</param>
    public void Claimed(int left)
    {
        if (left == 0 && _ended > 0)
        {
            _ahead = Math.Min(Most, Math.Max(2 * _ahead, _ended));
        }
        else if (left > places + (_ahead / 4))
        {
            _ahead -= (_ahead + 3) / 4;
        }

        _ended = 0;
    }
}
