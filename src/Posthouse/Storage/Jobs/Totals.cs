namespace Posthouse.Storage.Jobs;

/// <summary>What limits are checked against. Loaded once a group, saved once a group, so that a check costs no scan.</summary>
internal sealed class Totals
{
    private bool _changed;

    public long Open { get; private set; }

    public long Bytes { get; private set; }

    public long FileBytes { get; private set; }

    public static Totals Load(IRead sql) => sql.QueryFirst("SELECT open, bytes, file_bytes FROM job_total WHERE one = 1",
        row => new Totals { Open = row.Int64(0), Bytes = row.Int64(1), FileBytes = row.Int64(2) }) ?? new Totals();

    public void Add(long open, long bytes, long fileBytes = 0)
    {
        Open += open;
        Bytes += bytes;
        FileBytes += fileBytes;
        _changed = true;
    }

    public Totals Copy() => (Totals)MemberwiseClone();

    public void Save(ISqlWrite sql)
    {
        if (_changed)
        {
            sql.Execute("UPDATE job_total SET open = $1, bytes = $2, file_bytes = $3 WHERE one = 1", Open, Bytes, FileBytes);
        }
    }
}
