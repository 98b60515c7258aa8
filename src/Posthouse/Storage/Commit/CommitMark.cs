namespace Posthouse.Storage.Commit;

/// <summary>
/// The row in which each writer says, inside the transaction itself, which of its groups this is. After a commit whose end is
/// not known it tells whether the group is on disk; so nothing has to be looked up by its id.
/// </summary>
internal static class CommitMark
{
    private const string Upsert = """
        INSERT INTO commit_mark(writer, turn, at) VALUES ($1, $2, $3) ON CONFLICT (writer) DO UPDATE SET turn = excluded.turn, at = excluded.at
        """;

    /// <summary>The last statement before a commit.</summary>
    public static void Write(ISqlWrite sql, string writer, long turn, long now) => sql.ExecuteLast(Upsert, writer, turn, now);

    /// <summary>The last turn that a writer committed; 0 for none.</summary>
    public static long Read(IRead read, string writer) => read.Scalar("SELECT turn FROM commit_mark WHERE writer = $1", writer);
}
