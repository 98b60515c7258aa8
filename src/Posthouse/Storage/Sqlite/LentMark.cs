using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Sqlite;

/// <summary>
/// The mark that a lent transaction leaves with its commit, beside the commit loop's own: when the system fails on the way,
/// the mark on the disk tells whether the transaction stands.
/// </summary>
internal sealed record LentMark(string Writer, long Turn, DateTimeOffset Now)
{
    /// <summary>The last statement before the commit.</summary>
    public void Write(SqliteDatabase sql) => CommitMark.Write(sql, Writer, Turn, Now.ToUnixTimeMilliseconds());

    /// <summary>Returns when the transaction stands after all; the caller holds the gate.</summary>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: it does not. UNKNOWN: the disk does not tell.</exception>
    public void Resolve(string path, StoreIoException failure)
    {
        bool stands;
        try
        {
            using var database = SqliteDatabase.OpenAfterFailure(path);
            stands = CommitMark.Read(database, Writer) == Turn;
        }
        catch (PosthouseException e)
        {
            throw new PosthouseException(ErrorCodes.Unknown, failure.Message, e);
        }

        if (!stands)
        {
            throw new PosthouseException(ErrorCodes.StoreUnavailable, "The disk refused the write; nothing was stored. Try again, and look at the disk.", failure);
        }
    }
}
