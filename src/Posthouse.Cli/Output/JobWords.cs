using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Cli.Output;

/// <summary>How jobs are spoken of: the lower-case words of the JSON, and the sentences of the text.</summary>
internal static class JobWords
{
    /// <summary>A state, gate or reason as a program reads it: <c>UnknownType</c> becomes <c>unknown_type</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => string.Concat(value.ToString().Select((letter, at) => char.IsAsciiLetterUpper(letter) ? (at > 0 ? "_" : "") + char.ToLowerInvariant(letter) : letter.ToString()));

    /// <summary>What a job is and where it goes.</summary>
    public static string Title(JobRecord job) => job.Destination.Length > 0 ? $"{job.Name} to {Destination(job.Destination)}" : job.Name;

    /// <summary>A destination as people write it: rows store it percent-encoded, and marked where its jobs follow a schedule.</summary>
    public static string Destination(string stored) => Uri.UnescapeDataString(Destinations.Plain(stored));

    /// <summary>Where a job stands, in one word of the counts.</summary>
    public static string Standing(JobRecord job) => (job.State, job.Gate) switch
    {
        (JobState.Pending, Gate.After) => "waiting",
        (JobState.Pending, Gate.Hold) => "held",
        (JobState.Pending, Gate.Time) => "scheduled",
        (JobState.Pending, _) => "ready",
        (JobState.Running, _) => "running",
        (JobState.Done, _) => "completed",
        _ => JobLaw.NeedsDecision(job.Reason!.Value) ? "failed" : "closed",
    };

    /// <summary>Where a job stands and why.</summary>
    public static string State(JobRecord job, DateTimeOffset now) => Standing(job) switch
    {
        "waiting" when job.WaitsFor.Count > 0 => $"Waiting for {string.Join(", ", job.WaitsFor)}",
        "waiting" => "Waiting",
        "held" => job.Hold switch
        {
            HoldReason.UnknownType => "Held: no process here knows this type of job in this version",
            HoldReason.Credentials => "Held: the far side wants other credentials",
            _ => "Held: its account is signed out",
        },
        "scheduled" => $"Next attempt: {Ages.Ahead(job.RunAt, now)}",
        "ready" => "Next attempt: now",
        "running" => "Running",
        "completed" => $"Completed {Ages.Ago(job.EndedAt!.Value, now)}",
        "failed" => $"Failed ({Word(job.Reason!.Value)}), needs a decision",
        _ => $"Closed ({Word(job.Reason!.Value)}) {Ages.Ago(job.EndedAt!.Value, now)}",
    };

    /// <summary>The last failure in one line.</summary>
    public static string Failure(Failure failure) => failure.StatusCode is { } status ? $"{failure.Message} (status {status})" : failure.Message;
}
