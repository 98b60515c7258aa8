namespace Posthouse.Storage.Sqlite;

/// <summary>
/// A mark beside a database in which a damaged page was found while it was used. It outlives the process: the next open
/// checks the whole file, which would be too slow to do each time, and puts it aside if it is damaged.
/// </summary>
internal static class Suspicion
{
    private const string Suffix = ".suspect";

    /// <summary>Marks the file. Never throws: the caller is about to report the damage itself.</summary>
    public static void Raise(string path)
    {
        try
        {
            Durable.CreatePrivateFile(path + Suffix).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is marked already, or cannot be: then the damage is found again where it was found now.
        }
    }

    /// <summary>Checks a marked file and takes the mark away if it is sound.</summary>
    /// <exception cref="PosthouseException">STORE_CORRUPT: it is damaged.</exception>
    public static void Settle(SqliteDatabase database)
    {
        if (!File.Exists(database.Path + Suffix))
        {
            return;
        }

        var found = database.QueryFirst("PRAGMA integrity_check(1)", row => row.Text(0));
        if (found != "ok")
        {
            throw new PosthouseException(ErrorCodes.StoreCorrupt, $"{database.Path} is damaged: {found}");
        }

        Forget(database.Path);
    }

    /// <summary>Takes the mark away; the file it speaks of was put aside or found sound.</summary>
    public static void Forget(string path) => File.Delete(path + Suffix);
}
