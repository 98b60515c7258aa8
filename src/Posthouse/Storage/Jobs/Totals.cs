namespace Posthouse.Storage.Jobs;

/// <summary>
/// What limits are checked against. Read at most once a group, and only where a limit is checked; saved once a group: so a check costs no scan.
/// </summary>
internal sealed class Totals(IRead sql)
{
    private (long Open, long Bytes, long FileBytes)? _stored;
    private (long Open, long Bytes, long FileBytes) _added;

    public long Open => Stored.Open + _added.Open;

    public long Bytes => Stored.Bytes + _added.Bytes;

    public long FileBytes => Stored.FileBytes + _added.FileBytes;

    private (long Open, long Bytes, long FileBytes) Stored =>
        _stored ??= sql.QueryFirst(sql.Dialect.Totals, row => (row.Int64(0), row.Int64(1), row.Int64(2)));

    /// <summary>They were read when the transaction began, and are not asked for again.</summary>
    public void Begin(long open, long bytes, long fileBytes) => _stored = (open, bytes, fileBytes);

    public void Add(long open, long bytes, long fileBytes = 0) =>
        _added = (_added.Open + open, _added.Bytes + bytes, _added.FileBytes + fileBytes);

    public Totals Copy() => (Totals)MemberwiseClone();

    public void Save(ISqlWrite write)
    {
        if (_added != default)
        {
            write.ExecuteLast("UPDATE job_total SET open = open + $1, bytes = bytes + $2, file_bytes = file_bytes + $3 WHERE one = 1", _added.Open, _added.Bytes, _added.FileBytes);
        }
    }
}
