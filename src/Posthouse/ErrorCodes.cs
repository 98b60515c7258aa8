namespace Posthouse;

/// <summary>Every error code of the core, in one table. Codes travel to programs and are never renamed.</summary>
public static class ErrorCodes
{
    /// <summary>The same job id was enqueued before with another payload.</summary>
    public const string JobIdReused = "JOB_ID_REUSED";

    /// <summary>An open job has the same deduplication key, and the job asked to be rejected then.</summary>
    public const string DuplicateJob = "DUPLICATE_JOB";

    /// <summary>No job has this id.</summary>
    public const string JobNotFound = "JOB_NOT_FOUND";

    /// <summary>The job's state does not allow what was asked, for example a retry of a job that is done.</summary>
    public const string JobStateConflict = "JOB_STATE_CONFLICT";

    /// <summary>The job's type is in no registry of this process.</summary>
    public const string JobTypeUnknown = "JOB_TYPE_UNKNOWN";

    /// <summary>A stored payload or a field given by the caller cannot be used.</summary>
    public const string JobInvalid = "JOB_INVALID";

    /// <summary>A limit on count, payload bytes or file bytes is reached; nothing was stored.</summary>
    public const string QueueFull = "QUEUE_FULL";

    /// <summary>One job's payload and optimistic result are larger than the limit; nothing was stored.</summary>
    public const string JobTooLarge = "JOB_TOO_LARGE";

    /// <summary>A file named by a job cannot be read; nothing was stored.</summary>
    public const string FileMissing = "FILE_MISSING";

    /// <summary>A file changed while it was copied, or its stored copy is gone or damaged.</summary>
    public const string FileDamaged = "FILE_DAMAGED";

    /// <summary>Another process held the store's gate for longer than the limit; nothing was stored.</summary>
    public const string StoreBusy = "STORE_BUSY";

    /// <summary>The disk is full; nothing was stored.</summary>
    public const string StoreFull = "STORE_FULL";

    /// <summary>It is not known whether the change was stored. Repeat the call with the same id.</summary>
    public const string Unknown = "UNKNOWN";

    /// <summary>A transaction lent to the application is over: committed, disposed of, or held too long and rolled back.</summary>
    public const string TransactionEnded = "TRANSACTION_ENDED";

    /// <summary>The store is closed, or its folder cannot be used.</summary>
    public const string StoreUnavailable = "STORE_UNAVAILABLE";

    /// <summary>The database was written by a newer version of a room.</summary>
    public const string SchemaNewer = "SCHEMA_NEWER";

    /// <summary>The database file is damaged.</summary>
    public const string StoreCorrupt = "STORE_CORRUPT";

    /// <summary>A compare-and-set found another version; read again and decide again.</summary>
    public const string Conflict = "CONFLICT";

    /// <summary>Options or configuration that cannot be used.</summary>
    public const string OptionsInvalid = "OPTIONS_INVALID";

    /// <summary>Codes after which the same call may succeed without a change by the caller.</summary>
    internal static bool IsTransient(string code) => code is StoreBusy or StoreFull or Unknown or StoreUnavailable or Conflict;
}
