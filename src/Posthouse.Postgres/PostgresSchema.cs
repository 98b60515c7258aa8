using Posthouse.Storage;

namespace Posthouse.Postgres;

/// <summary>Brings a database to the versions of its rooms' parts: all of them in one transaction, or none. Processes that start together do it in turn.</summary>
internal static class PostgresSchema
{
    /// <summary>The tables of the core.</summary>
    public static readonly SchemaPart Core = new("core", [("", ReadSql())],
        ["job", "job_after", "job_file", "vault_file", "event", "event_owner_seen", "instance", "pause", "job_total", "commit_mark"]);

    /// <summary>Applies what is missing.</summary>
    /// <param name="database">A connection whose search path is the schema.</param>
    /// <param name="schema">The schema's name.</param>
    /// <param name="gate">The number of the store's gate.</param>
    /// <param name="parts">The parts of all rooms that use it. Parts that stand in the database and are not named stay as they are.</param>
    /// <exception cref="PosthouseException"><c>SCHEMA_NEWER</c>: a newer version of a room has written it; nothing was changed.</exception>
    public static void Apply(PostgresDatabase database, string schema, long gate, IReadOnlyList<SchemaPart> parts)
    {
        database.ExecuteScript("BEGIN");
        try
        {
            database.Scalar("SELECT 1 FROM pg_advisory_xact_lock($1)", gate);
            // Not IF NOT EXISTS: that wants the right to create schemas from those, too, who own the one that is there.
            if (database.Scalar("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema) == 0)
            {
                database.ExecuteScript($"CREATE SCHEMA \"{schema}\"");
            }

            if (database.Scalar("SELECT (to_regclass('schema_part') IS NOT NULL)::INT") == 0)
            {
                database.ExecuteScript($"CREATE TABLE \"{schema}\".schema_part (name TEXT PRIMARY KEY, version BIGINT NOT NULL)");
            }

            foreach (var part in (IReadOnlyList<SchemaPart>)[Core, .. parts])
            {
                Migrate(database, part);
            }

            database.ExecuteScript("COMMIT");
        }
        catch
        {
            database.ExecuteScript("ROLLBACK");
            database.Undone();
            throw;
        }
    }

    /// <summary>A newer program has written it.</summary>
    public static PosthouseException Newer(string part, long version, int known) => new(ErrorCodes.SchemaNewer,
        $"The database was written by a newer version: its part {part} is at {version}, this program knows {known}. Update this program.");

    private static void Migrate(PostgresDatabase database, SchemaPart part)
    {
        var version = (int)database.Scalar("SELECT version FROM schema_part WHERE name = $1", part.Name);
        if (version > part.Version)
        {
            throw Newer(part.Name, version, part.Version);
        }

        if (version == part.Version)
        {
            return;
        }

        for (var next = version; next < part.Version; next++)
        {
            var (both, own) = part.Migrations[next];
            database.ExecuteScript(PostgresText.Migration(own.Length > 0 ? own : both));
        }

        database.Execute("INSERT INTO schema_part (name, version) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET version = excluded.version", part.Name, part.Version);
    }

    private static string ReadSql()
    {
        using var stream = typeof(PostgresSchema).Assembly.GetManifestResourceStream("Posthouse.Postgres.Schema.core.postgres.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
