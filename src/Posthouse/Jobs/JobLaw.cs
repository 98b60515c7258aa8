namespace Posthouse.Jobs;

/// <summary>
/// The state law of jobs, as one table. The drawing in DESIGN.md and the CHECK constraints of the schema say the same;
/// a test compares the three.
/// </summary>
public static class JobLaw
{
    /// <summary>
    /// A job whose process dies so often in a row while it runs is Crashed, where its declaration names no other number: once may
    /// be the machine, twice bad luck, the third time the job is suspected.
    /// </summary>
    public const int MaxLost = 3;

    /// <summary>Every legal step, with the event that causes it.</summary>
    public static IReadOnlyList<(JobState From, JobState To, string Cause)> Steps { get; } =
    [
        (JobState.Pending, JobState.Running, "claim"),
        (JobState.Pending, JobState.Dead, "cancel, expire, supersede or discard"),
        (JobState.Running, JobState.Done, "done"),
        (JobState.Running, JobState.Pending, "retry, snooze, return or lost lease"),
        (JobState.Running, JobState.Dead, "poisoned, rejected, conflict, crashed or cancelled"),
        (JobState.Dead, JobState.Pending, "retry by decision"),
        (JobState.Dead, JobState.Dead, "discard by decision"),
    ];

    /// <summary>Whether a dead job waits for a decision: it is kept, shown and counted until then.</summary>
    public static bool NeedsDecision(DeadReason reason) =>
        reason is DeadReason.Poisoned or DeadReason.Rejected or DeadReason.Conflict or DeadReason.Crashed;

    /// <summary>Whether a job still counts against the limits and may still change what is behind it.</summary>
    public static bool IsOpen(JobState state, DeadReason? reason) =>
        state is JobState.Pending or JobState.Running || (state is JobState.Dead && reason is { } why && NeedsDecision(why));
}
