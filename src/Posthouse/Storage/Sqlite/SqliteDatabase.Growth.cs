using SQLitePCL;

namespace Posthouse.Storage.Sqlite;

/// <summary>How much the connection has appended to the log: what decides when to fold it in.</summary>
internal sealed partial class SqliteDatabase
{
    /// <summary>Pages appended since <see cref="ForgetPagesWritten"/>.</summary>
    public int PagesWritten => CacheWrites(reset: 0);

    /// <summary>Counts anew, after a checkpoint.</summary>
    public void ForgetPagesWritten() => CacheWrites(reset: 1);

    private int CacheWrites(int reset)
    {
        _ = raw.sqlite3_db_status(_connection, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, reset);
        return pages;
    }
}
