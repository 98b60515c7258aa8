using System.Globalization;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Queue;

/// <summary>How a job is shown. The words are those of <c>posthouse queue</c>.</summary>
internal static class JobFace
{
    /// <summary>Where it stands.</summary>
    public static Tone Tone(JobRecord job) => (job.State, job.Gate) switch
    {
        (JobState.Pending, Gate.After) => Shell.Tone.Calm("waiting"),
        (JobState.Pending, Gate.Hold) => Shell.Tone.Warn("held"),
        (JobState.Pending, Gate.Time) => Shell.Tone.Calm("scheduled"),
        (JobState.Pending, _) => Shell.Tone.Calm("ready"),
        (JobState.Running, _) => Shell.Tone.Busy("running"),
        (JobState.Done, _) => Shell.Tone.Good("completed"),
        _ => NeedsDecision(job) ? Shell.Tone.Bad("failed") : new Tone("closed", "×", "calm"),
    };

    /// <summary>Whether it stays until somebody decides about it.</summary>
    public static bool NeedsDecision(JobRecord job) => job.State is JobState.Dead && JobLaw.NeedsDecision(job.Reason!.Value);

    /// <summary>What it waits for, in a few words; empty where nothing is to be said.</summary>
    public static string Why(JobRecord job) => (job.State, job.Gate) switch
    {
        (JobState.Pending, Gate.After) when job.WaitsFor.Count > 0 => "for " + string.Join(", ", job.WaitsFor),
        (JobState.Pending, Gate.Hold) => job.Hold switch
        {
            HoldReason.UnknownType => "no process here knows this type of job in this version",
            HoldReason.Credentials => "the far side wants other credentials",
            _ => "its account is signed out",
        },
        (JobState.Dead, _) => Word(job.Reason!.Value) + (NeedsDecision(job) ? ", needs a decision" : ""),
        _ => "",
    };

    /// <summary>When it is tried next; null: not by itself, or it is under way.</summary>
    public static DateTimeOffset? NextTry(JobRecord job) => job.State is JobState.Pending && job.Gate is Gate.Time or Gate.Open ? job.RunAt : null;

    /// <summary>A destination as people write it: rows store it percent-encoded, and marked where its jobs follow a schedule.</summary>
    public static string Destination(string stored) => Uri.UnescapeDataString(Destinations.Plain(stored));

    /// <summary>The last failure in one line.</summary>
    public static string Failure(Failure failure) =>
        failure.StatusCode is { } status ? string.Create(CultureInfo.InvariantCulture, $"{failure.Message} (status {status})") : failure.Message;

    /// <summary>How often it was tried, and how often that counts against what it may fail: a destination that was not reached does not.</summary>
    public static string Attempts(JobRecord job)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{job.Claims} begun");
        if (job.Attempts > 0 || (job.State is not JobState.Done && Most(job).Length > 0)) { text += string.Create(CultureInfo.InvariantCulture, $", {job.Attempts}{Most(job)} counted as failed"); }
        return job.Lost > 0 ? text + string.Create(CultureInfo.InvariantCulture, $", {job.Lost} lost with their process") : text;
    }

    private static string Most(JobRecord job) => job.MaxAttempts is { } most and < int.MaxValue ? string.Create(CultureInfo.InvariantCulture, $" of at most {most}") : "";

    /// <summary>A member of an enumeration in lower case: <c>UnknownType</c> becomes <c>unknown type</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => string.Concat(value.ToString().Select((letter, at) => char.IsAsciiLetterUpper(letter) ? (at > 0 ? " " : "") + char.ToLowerInvariant(letter) : letter.ToString()));

    /// <summary>What changes when anything that a page shows of the job does.</summary>
    public static string Stamp(JobRecord job) => string.Create(CultureInfo.InvariantCulture,
        $"{(int)job.State}.{(int?)job.Gate}.{(int?)job.Reason}.{job.Claims}.{job.Attempts}.{job.Lost}.{job.RunAt.ToUnixTimeMilliseconds()}.{job.WaitsFor.Count}");

    /// <summary>Its page.</summary>
    public static string Path(JobId id, string verb = "job") => $"/queue/{verb}?id={Uri.EscapeDataString(id.Value)}";
}
