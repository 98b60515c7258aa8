namespace Posthouse.Storage.Memory;

/// <summary>Removing what is over: jobs that ended, once their owner has seen everything about them, and old events.</summary>
internal sealed class Sweeping(Books books)
{
    /// <summary>Jobs that one sweep removes: it rides along with other work and must not hold it up.</summary>
    public const int MaxRows = 500;

    public int Sweep(TimeSpan keep)
    {
        var swept = SweepRows(keep, MaxRows);
        books.Events.Sweep(books.Now, keep);
        return swept.Count;
    }

    /// <summary>Removes ended jobs, first ended first, and returns their places.</summary>
    public List<long> SweepRows(TimeSpan keep, int most)
    {
        var ended = books.Now - (long)keep.TotalMilliseconds;
        var unread = books.Events.Unread();
        var rows = books.Jobs.Ended.TakeWhile(entry => entry.At <= ended).Select(entry => books.Jobs[entry.Seq])
            .Where(row => row.Draft.Owner is not { } owner || !unread.Contains((owner, row.Id.Value)))
            .Take(most).ToList();
        rows.ForEach(books.Jobs.Remove);
        return rows.ConvertAll(row => row.Seq);
    }
}
