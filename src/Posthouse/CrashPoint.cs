using System.Diagnostics;

namespace Posthouse;

/// <summary>
/// The numbered moments at which dying matters; DESIGN.md says what is already true at each. A Debug build dies there when
/// <c>POSTHOUSE_CRASH_AT</c> names the number, or <c>number:times</c> for a later passage; a Release build carries no call.
/// </summary>
internal static class CrashPoint
{
#if DEBUG
    private static readonly (int Point, int Times) s_at = Read(Environment.GetEnvironmentVariable("POSTHOUSE_CRASH_AT"));
    private static int s_passed;
#endif

    /// <summary>Dies here, as by kill -9, if this is the point.</summary>
    [Conditional("DEBUG")]
    public static void Reached(CrashAt point) => Reached((int)point);

    /// <summary>The same for a room's own points, whose numbers begin above those of <see cref="CrashAt"/>.</summary>
    [Conditional("DEBUG")]
    public static void Reached(int point)
    {
#if DEBUG
        if (s_at.Point == point && Interlocked.Increment(ref s_passed) == s_at.Times)
        {
            Process.GetCurrentProcess().Kill();
        }
#endif
    }

#if DEBUG
    private static (int Point, int Times) Read(string? text) => text?.Split(':') switch
    {
        [var point, var times] => (int.Parse(point), int.Parse(times)),
        [var point] => (int.Parse(point), 1),
        _ => default,
    };
#endif
}

/// <summary>The numbers of DESIGN.md.</summary>
internal enum CrashAt
{
    /// <summary>A group was run and is not committed.</summary>
    GroupRun = 1,

    /// <summary>A group is on disk and nobody was told.</summary>
    GroupCommitted = 2,

    /// <summary>Claims are handed out, others are rung, callers were told; the log is not folded in.</summary>
    GroupAnswered = 3,

    /// <summary>Jobs are leased and their handlers were not called.</summary>
    Claimed = 4,

    /// <summary>A handler answered and nothing was settled.</summary>
    HandlerAnswered = 5,

    /// <summary>An outcome is on disk and the dispatcher does not know it.</summary>
    Settled = 6,

    /// <summary>Files, a: the copy is durable under a temporary name.</summary>
    FileCopied = 7,

    /// <summary>Files, b: its hash is registered and it has not got its name.</summary>
    FileRegistered = 8,

    /// <summary>Files, c: it has its name and its job is not admitted.</summary>
    FileNamed = 9,

    /// <summary>Files, d: freed bytes are gone and their row is not.</summary>
    FileFreed = 10,

    /// <summary>Leases of a dead process were taken over and this is not committed; its lock file is gone.</summary>
    LeasesTaken = 11,

    /// <summary>Finished rows were removed and this is not committed.</summary>
    RowsSwept = 12,

    /// <summary>The log was folded into the database.</summary>
    LogFolded = 13,

    /// <summary>An application's transaction is complete and not committed.</summary>
    LoanUncommitted = 14,

    /// <summary>An application's transaction is on disk and its caller was not told.</summary>
    LoanCommitted = 15,

    /// <summary>The schema was applied and this is not committed.</summary>
    SchemaApplied = 16,

    /// <summary>A damaged database's log was put aside and the database itself was not.</summary>
    HalfPutAside = 17,
}
