using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Cli.Output;

/// <summary>All of one job, for people.</summary>
internal static class JobText
{
    /// <summary>The longest label and its colon.</summary>
    private const int LabelWidth = 16;

    public static void Write(QueueSite site, JobRecord job, IReadOnlyList<StoredFile> files, IReadOnlyList<StoredEvent> events)
    {
        var now = site.Time.GetUtcNow();
        QueueText.Title(site, site.TitleOf(job));
        Field("ID", job.Id.Value);
        Field("State", site.StateOf(job, now));
        Field("Type", string.Create(CultureInfo.InvariantCulture, $"{job.Name}, version {job.Version}"));
        Field("Accepted", Instant(job.AcceptedAt, now));
        Field("Not before", job.State is JobState.Pending ? Instant(job.RunAt, now) : null);
        Field("Expires", Instant(job.ExpiresAt, now));
        Field("Ended", Instant(job.EndedAt, now));
        Field("Destination", job.Destination.Length > 0 ? JobWords.Destination(job.Destination) : null);
        Field("Lane", job.Lane);
        Field("Waits for", job.WaitsFor.Count > 0 ? string.Join(", ", job.WaitsFor) : null);
        Field("When dead", JobWords.Word(job.WhenDead));
        Field("Key", job.DeduplicationKey);
        Field("Owner", job.Owner);
        Field("Priority", job.Priority.ToString(CultureInfo.InvariantCulture));
        Field("Attempts", Attempts(job));
        Field("Runs at", job.Instance is { } instance ? $"{instance}, until {Instant(job.LeaseUntil, now)}" : null);
        Field("Last error", job.Failure is { } failure ? $"{JobWords.Failure(failure)} ({JobWords.Word(failure.Kind)})" : null);
        foreach (var file in files) { Field("File", string.Create(CultureInfo.InvariantCulture, $"{file.Hash} ({file.Size} bytes)")); }
        Block(site, "Payload", job.Payload);
        Block(site, "Optimistic result", job.Optimistic);
        Block(site, "Result", job.Result ?? []);
        Events(site, events);

        void Field(string label, string? value)
        {
            if (value is not null) { site.Say($"  {(label + ":").PadRight(LabelWidth)}{value}"); }
        }
    }

    private static string Attempts(JobRecord job)
    {
        var text = job.Attempts.ToString(CultureInfo.InvariantCulture);
        if (job.MaxAttempts is { } most) { text += string.Create(CultureInfo.InvariantCulture, $" of {most}"); }
        text += string.Create(CultureInfo.InvariantCulture, $" counted, {job.Claims} begun");
        return job.Lost > 0 ? text + string.Create(CultureInfo.InvariantCulture, $", {job.Lost} lost with their process") : text;
    }

    private static void Block(QueueSite site, string label, byte[] bytes)
    {
        if (bytes.Length == 0) { return; }

        site.Output.WriteLine();
        var pretty = JobJson.Pretty(bytes);
        site.Say(string.Create(CultureInfo.InvariantCulture, $"  {label} ({bytes.Length} bytes{(pretty is null ? ", no JSON, in base 64" : "")}):"));
        foreach (var line in (pretty ?? Convert.ToBase64String(bytes)).Split('\n')) { site.Say("    " + line.TrimEnd('\r')); }
    }

    private static void Events(QueueSite site, IReadOnlyList<StoredEvent> events)
    {
        if (events.Count == 0) { return; }

        site.Output.WriteLine();
        site.Say("  Events:");
        foreach (var entry in events) { site.Say($"    {Ages.Utc(entry.At)}  {entry.Kind}  {JobJson.EventLine(entry.Body)}"); }
    }

    private static string? Instant(DateTimeOffset? at, DateTimeOffset now) =>
        at is { } time ? $"{Ages.Utc(time)} ({(time > now ? Ages.Ahead(time, now) : Ages.Ago(time, now))})" : null;
}
