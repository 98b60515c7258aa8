using Posthouse.Files;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>
/// References from jobs to files in the vault. A file is freed only inside the store's gate, when no job refers to it and its
/// staging hour is over: so no sweep can take a file between its copying and its job's admission.
/// </summary>
internal static class JobFiles
{
    /// <summary>How long a copied file waits for its job to be admitted. An hour outlasts any enqueue.</summary>
    public static readonly TimeSpan StagedFor = TimeSpan.FromHours(1);

    /// <summary>Files freed by one call, so that a group stays short.</summary>
    public const int MaxFreed = 100;

    /// <summary>Announces a file that is about to be put into the vault.</summary>
    public static int Stage(Group group, StoredFile file) => group.Execute(
        "INSERT INTO vault_file(hash, size, staged_until) VALUES ($1, $2, $3) ON CONFLICT (hash) DO UPDATE SET staged_until = excluded.staged_until",
        file.Hash, file.Size, group.NowMs + (long)StagedFor.TotalMilliseconds);

    /// <summary>Refuses a draft whose file was swept since it was staged, more than an hour ago.</summary>
    public static void CheckStaged(Group group, JobDraft draft)
    {
        foreach (var file in draft.Files)
        {
            if (group.Scalar("SELECT 1 FROM vault_file WHERE hash = $1", file.Hash) == 0)
            {
                throw new PosthouseException(ErrorCodes.FileDamaged, $"A file of job {draft.Id} was staged too long ago. Enqueue the job again.");
            }
        }
    }

    /// <summary>Refers to staged files.</summary>
    public static void Add(Group group, long seq, IReadOnlyList<StoredFile> files)
    {
        foreach (var file in files.DistinctBy(file => file.Hash))
        {
            group.Execute("INSERT INTO job_file(seq, hash, size) VALUES ($1, $2, $3)", seq, file.Hash, file.Size);
            group.Totals.Add(0, 0, file.Size);
        }
    }

    /// <summary>Ends a job's references; the files themselves go with a later sweep.</summary>
    public static void Free(Group group, long seq)
    {
        var freed = group.Query("DELETE FROM job_file WHERE seq = $1 RETURNING size", row => row.Int64(0), seq);
        if (freed.Count > 0)
        {
            group.Totals.Add(0, 0, -freed.Sum());
        }
    }

    /// <summary>The bytes of the files that a job refers to.</summary>
    public static long Bytes(Group group, long seq) => group.Scalar("SELECT sum(size) FROM job_file WHERE seq = $1", seq);

    /// <summary>Deletes files that nobody refers to: first the bytes, then the row, so that a crash between leaves a row that is staged anew.</summary>
    public static int Sweep(Group group, Action<string> delete)
    {
        var free = group.Query(
            "SELECT hash FROM vault_file WHERE staged_until <= $1 AND NOT EXISTS (SELECT 1 FROM job_file WHERE job_file.hash = vault_file.hash) LIMIT $2",
            row => row.Text(0), group.NowMs, MaxFreed);
        foreach (var hash in free)
        {
            delete(hash);
            CrashPoint.Reached(CrashAt.FileFreed);
            group.Execute("DELETE FROM vault_file WHERE hash = $1", hash);
        }

        return free.Count;
    }
}
