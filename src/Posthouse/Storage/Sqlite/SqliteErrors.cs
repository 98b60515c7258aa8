using SQLitePCL;

namespace Posthouse.Storage.Sqlite;

/// <summary>Turns SQLite's result codes (sqlite.org/rescode.html) into the house's failures.</summary>
internal static class SqliteErrors
{
    private const int PrimaryCode = 0xff; // Extended codes carry their primary code in the lowest byte.

    /// <summary>The exception for a failed call.</summary>
    /// <param name="result">The result code, primary or extended.</param>
    /// <param name="detail">SQLite's own words.</param>
    /// <param name="path">The database file.</param>
    /// <param name="committing">Whether the call was a commit, whose I/O error leaves the outcome open.</param>
    public static Exception From(int result, string detail, string path, bool committing = false) => (result & PrimaryCode) switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL => new PosthouseException(
            ErrorCodes.StoreBusy,
            $"{path} is held by another connection ({detail}). Nothing was stored; try again."),
        raw.SQLITE_FULL => new PosthouseException(
            ErrorCodes.StoreFull,
            $"The disk that holds {path} is full. Nothing was stored; free some space and try again."),
        raw.SQLITE_IOERR when committing => new StoreIoException(
            ErrorCodes.Unknown,
            $"The system failed while {path} was committed ({detail}). Whether the change was stored is not known; repeat it with the same id."),
        raw.SQLITE_IOERR => new StoreIoException(
            ErrorCodes.StoreUnavailable,
            $"The system failed to read or write {path} ({detail}). Check the disk, then open the store again."),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new PosthouseException(
            ErrorCodes.StoreCorrupt,
            $"{path} is damaged or is no SQLite database ({detail}). Stop the processes that use it and start again: it is then checked, and put aside if it is damaged."),
        raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM => new PosthouseException(
            ErrorCodes.StoreUnavailable,
            $"{path} cannot be opened or written ({detail}). Make sure that the folder exists and that this user may write it and the file."),
        raw.SQLITE_CONSTRAINT => new ConstraintException($"{detail}. Nothing of this statement was stored; correct the value."),
        _ => new InvalidOperationException($"SQLite error {result} on {path}: {detail}"),
    };
}
