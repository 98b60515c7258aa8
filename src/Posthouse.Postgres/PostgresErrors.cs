using Npgsql;
using Posthouse.Storage;

namespace Posthouse.Postgres;

/// <summary>Turns PostgreSQL's error codes (appendix A of its manual) into the house's failures.</summary>
internal static class PostgresErrors
{
    private const string Busy = "Other processes hold this queue's write lock, or a row of it. Nothing was stored; try again.";

    /// <summary>The exception for a failed statement.</summary>
    /// <param name="error">What Npgsql raised.</param>
    /// <param name="committing">Whether the statement was a commit, after which a lost connection leaves the outcome open.</param>
    public static Exception From(Exception error, bool committing = false) => error is PostgresException refused
        ? From(refused, committing)
        : Lost(error.Message, committing);

    private static Exception From(PostgresException refused, bool committing) => refused.SqlState switch
    {
        PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.DeadlockDetected =>
            new PosthouseException(ErrorCodes.StoreBusy, Busy),
        PostgresErrorCodes.DiskFull => new PosthouseException(
            ErrorCodes.StoreFull, "The disk of the PostgreSQL server is full. Nothing was stored; free some space and try again."),
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => new PosthouseException(ErrorCodes.StoreUnavailable,
            $"The PostgreSQL server refuses this user ({refused.MessageText}). Check the user's name and password, and what the server's pg_hba.conf asks of this machine."),
        PostgresErrorCodes.InvalidCatalogName => new PosthouseException(
            ErrorCodes.StoreUnavailable, $"The PostgreSQL server has no such database ({refused.MessageText}). Create it, or name another in the connection string."),
        PostgresErrorCodes.InsufficientPrivilege => new PosthouseException(ErrorCodes.StoreUnavailable,
            $"This user of the PostgreSQL server may not do that ({refused.MessageText}). Make it the owner of the schema and of what is in it, or grant it CREATE on the database for a new one."),
        // A pooler that knows nothing of a session's settings says so before anybody has signed in.
        PostgresErrorCodes.ProtocolViolation when refused.MessageText.Contains("startup parameter", StringComparison.Ordinal) => new PosthouseException(ErrorCodes.OptionsInvalid,
            $"A connection pooler stands before the PostgreSQL server and refuses this store's sessions ({refused.MessageText}). Connect to the server itself, or to a pool with pool_mode = session and ignore_startup_parameters = options."),
        PostgresErrorCodes.ReadOnlySqlTransaction => new StoreIoException(
            ErrorCodes.StoreUnavailable, "The PostgreSQL server takes no writes: it is a standby. Connect to the primary."),
        ['2', '3', ..] => new ConstraintException($"{refused.MessageText}. Nothing of this statement was stored; correct the value."),
        ['0', '8', ..] or ['5', '3', ..] or ['5', '7', ..] or ['5', '8', ..] or ['X', 'X', ..] or "25P03" => Lost(refused.MessageText, committing),
        _ => new InvalidOperationException($"PostgreSQL error {refused.SqlState}: {refused.MessageText}", refused),
    };

    private static StoreIoException Lost(string detail, bool committing) => committing
        ? new StoreIoException(ErrorCodes.Unknown,
            $"The connection to the PostgreSQL server was lost while a change was committed ({detail}). Whether it was stored is not known; repeat it with the same id.")
        : new StoreIoException(ErrorCodes.StoreUnavailable,
            $"The PostgreSQL server does not answer ({detail}). Check that it runs and can be reached.");
}
