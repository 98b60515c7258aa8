namespace Posthouse.Storage.Sqlite;

/// <summary>Brings a database to the versions of its rooms' parts: all of them in one transaction, or none.</summary>
internal static class SchemaParts
{
    private const string CopySuffix = ".before-upgrade";

    /// <summary>Applies what is missing. A database that holds something is copied beside itself first.</summary>
    /// <param name="db">A read-write connection, whose caller holds the gate.</param>
    /// <param name="path">The database file.</param>
    /// <param name="parts">The parts of all rooms that use it. Parts that stand in the database and are not named stay as they are.</param>
    /// <exception cref="PosthouseException"><c>SCHEMA_NEWER</c>: a newer version of a room has written it; nothing was changed.</exception>
    public static void Apply(SqliteDatabase db, string path, IReadOnlyList<SchemaPart> parts)
    {
        var stored = StoredVersions(db);
        Demand(parts, stored, path);
        if (parts.All(part => stored.GetValueOrDefault(part.Name) == part.Version))
            return;
        if (HoldsTables(db))
            Copy(db, path);
        db.Begin();
        try
        {
            Migrate(db, parts, stored);
            CrashPoint.Reached(CrashAt.SchemaApplied);
            db.Commit();
        }
        catch
        {
            db.Rollback();
            throw;
        }
    }

    /// <summary>Removes the copy that an upgrade left, once a later open has gone well. Returns whether there was one.</summary>
    public static bool ForgetCopy(string path)
    {
        var copy = path + CopySuffix;
        if (!File.Exists(copy))
            return false;
        File.Delete(copy);
        return true;
    }

    private static Dictionary<string, int> StoredVersions(SqliteDatabase db)
    {
        var known = db.Scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_part'") == 1;
        return known
            ? db.Query("SELECT name, version FROM schema_part", row => (Name: row.Text(0), Version: (int)row.Int64(1)))
                .ToDictionary(part => part.Name, part => part.Version, StringComparer.Ordinal)
            : [];
    }

    private static bool HoldsTables(SqliteDatabase db) => db.Scalar("SELECT count(*) FROM sqlite_master") > 0;

    private static void Demand(IReadOnlyList<SchemaPart> parts, Dictionary<string, int> stored, string path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            if (!names.Add(part.Name))
                throw new InvalidOperationException($"Two schema parts are named {part.Name}.");
            var version = stored.GetValueOrDefault(part.Name);
            if (version > part.Version)
                throw new PosthouseException(
                    ErrorCodes.SchemaNewer,
                    $"{path} was written by a newer version: its part {part.Name} is at {version}, this program knows {part.Version}. Update this program.");
        }
    }

    private static void Migrate(SqliteDatabase db, IReadOnlyList<SchemaPart> parts, Dictionary<string, int> stored)
    {
        db.ExecuteScript("CREATE TABLE IF NOT EXISTS schema_part (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
        foreach (var part in parts)
        {
            for (var next = stored.GetValueOrDefault(part.Name); next < part.Version; next++)
                db.ExecuteScript(part.Migrations[next].Sqlite);
            db.Execute(
                "INSERT INTO schema_part (name, version) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET version = excluded.version",
                part.Name,
                part.Version);
        }
    }

    /// <summary>
    /// The copy is made by SQLite: opening and closing the file ourselves would drop the locks that this process holds on it
    /// (POSIX lets go of all of them when any descriptor of the file is closed).
    /// </summary>
    private static void Copy(SqliteDatabase db, string path)
    {
        db.Checkpoint(truncate: true);
        var unfinished = path + CopySuffix + ".tmp";
        File.Delete(unfinished);
        using (Durable.CreatePrivateFile(unfinished))
        {
            // It must exist and be empty for the statement below to leave it private.
        }

        db.Execute("VACUUM INTO $1", unfinished);
        using (var file = File.OpenHandle(unfinished, FileMode.Open, FileAccess.ReadWrite))
            Durable.Fsync(file);
        Durable.Rename(unfinished, path + CopySuffix);
    }
}
