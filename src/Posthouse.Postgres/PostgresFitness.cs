namespace Posthouse.Postgres;

/// <summary>Whether a server, and the way to it, can carry a store. What cannot is refused at the open, in words that say what to change.</summary>
internal static class PostgresFitness
{
    /// <summary>The oldest version that PostgreSQL's own project still mends.</summary>
    public const int OldestMajor = 14;

    /// <summary>Judges an open connection.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID.</exception>
    public static void Check(PostgresDatabase database, string connectionString)
    {
        CheckVersion(database.Connection.PostgreSqlVersion);
        if (database.Scalar("SELECT pg_backend_pid()") is var server && server != database.Connection.ProcessID && IsShared(server, connectionString))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                "A connection pooler stands before the PostgreSQL server and lends its sessions out one transaction at a time; a store listens on its session and needs it for itself. Connect to the server itself, or to a pool with pool_mode = session.");
        }
    }

    /// <exception cref="PosthouseException">OPTIONS_INVALID: it is too old.</exception>
    internal static void CheckVersion(Version server)
    {
        if (server.Major < OldestMajor)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The PostgreSQL server is of version {server}; this store needs {OldestMajor} or newer. Upgrade it.");
        }
    }

    /// <summary>
    /// A pooler names processes of its own invention. Where it lends out by the transaction, a second caller meets the server process
    /// that the first one, idle now, has just spoken with; where each has a session, he cannot.
    /// </summary>
    private static bool IsShared(long server, string connectionString)
    {
        using var second = PostgresDatabase.Connect(connectionString);
        second.EnsureOpen();
        return second.Scalar("SELECT pg_backend_pid()") == server;
    }
}
