namespace Posthouse.Files;

/// <summary>Bytes in custody.</summary>
/// <param name="Hash">SHA-256 in lower-case hex; it is also the name under which they are kept.</param>
/// <param name="Size">In bytes.</param>
public readonly record struct StoredFile(string Hash, long Size);

/// <summary>
/// Keeps the files of jobs, named by their content: the same bytes given twice are kept once. Staging and freeing may happen
/// in different processes at the same time; they stay safe by their order. Staging: (a) the bytes are durable under a
/// temporary name; (b) the store registers the hash as staged for an hour; (c) the bytes get their name, always, even if they seem
/// to have it; (d) the enqueue adds a reference, and has to be refused when the registration of (b) is gone by then. Freeing,
/// inside the store's write gate: only hashes without a reference and past their hour; the bytes go first, then the row. Whatever
/// comes between, bytes without a row can be found by <see cref="List"/>, and a row that says "kept" has its bytes.
/// </summary>
public interface IFileCustody
{
    /// <summary>
    /// Takes a copy of a file into custody: steps (a) to (c). The copying is done on the caller's own flow. Links are followed,
    /// because the caller named the path; a file that changes meanwhile is refused.
    /// </summary>
    /// <param name="file">With its <see cref="JobFile.SourcePath"/>.</param>
    /// <param name="register">Step (b): completes when the hash is durably registered as staged. If it fails, nothing is kept.</param>
    /// <param name="cancellationToken">Ends the copying.</param>
    /// <exception cref="PosthouseException">FILE_MISSING: the path cannot be read. FILE_DAMAGED: the file changed while it was
    /// copied. QUEUE_FULL: it is larger than allowed; nothing was copied. STORE_FULL or STORE_UNAVAILABLE: it could not be written.</exception>
    Task<StoredFile> StageAsync(JobFile file, Func<StoredFile, Task> register, CancellationToken cancellationToken = default);

    /// <summary>Opens bytes in custody for reading from begin to end. They are checked on the way: the last of them are handed
    /// out only if the whole is what the hash says.</summary>
    /// <exception cref="PosthouseException">FILE_DAMAGED: they are gone; also thrown by reading, when they are not the same any more.</exception>
    Stream Open(string hash);

    /// <summary>Gives bytes up; does nothing when they are not there. Called inside the store's write gate: what takes longer the more bytes they are
    /// is left to <see cref="RemoveGivenUp"/>.</summary>
    void Delete(string hash);

    /// <summary>Removes some of the bytes that were given up and are still there, and answers whether there may be more. Called outside the gate, after
    /// each sweep, until there are none.</summary>
    bool RemoveGivenUp() => false;

    /// <summary>The hashes of all bytes in custody, in no order, to compare with what the store knows.</summary>
    IEnumerable<string> List();
}
