using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Storage;

namespace Posthouse.Cli.Output;

/// <summary>How a sync ended: the last lines for people, one object for programs, and the exit code.</summary>
internal static class QueueSyncText
{
    /// <summary>There is no store, and so nothing that could be lost.</summary>
    public static int NoStore(QueueSite site)
    {
        var code = site.SyncCode(ExitCodes.Done, 0);
        if (site.Json) { return Json(site, new QueueCounts(), null, "no_store", code); }

        foreach (var line in site.NoStore()) { site.Say("  " + line); }
        site.TellPutAside();
        return code;
    }

    /// <summary>There was nothing to sync.</summary>
    public static int Nothing(QueueSite site, QueueCounts counts)
    {
        var code = site.SyncCode(ExitCodes.Done, counts.Failed);
        if (site.Json) { return Json(site, counts, null, code == ExitCodes.Done ? "nothing_pending" : "undecided", code); }

        site.Say($"{site.Terminal.DoneMark} Nothing is pending");
        FailedBefore(site, counts);
        return code;
    }

    /// <summary>No server runs on this store, or all is paused.</summary>
    public static int NobodyDispatches(QueueSite site, QueueCounts counts)
    {
        var code = site.SyncCode(ExitCodes.Queued, counts.Failed + counts.Held);
        if (site.Json) { return Json(site, counts, null, counts.Paused ? "paused" : "no_server", code); }

        site.Say(string.Create(CultureInfo.InvariantCulture, $"  Pending: {counts.Open - counts.Failed}"));
        site.Say(counts.Paused
            ? $"{site.Terminal.WarningMark} The queue is paused: nothing is sent until {site.Next("resume")}"
            : $"{site.Terminal.WarningMark} No server dispatches this store now: everything stays queued");
        if (!counts.Paused)
        {
            site.Say($"{site.Terminal.NoteMark} A server's jobs are sent by 'posthouse serve --data \"{site.Place.Folder}\"', an application's by the application: start it, and they go by themselves");
        }

        FailedBefore(site, counts);
        return code;
    }

    /// <summary>A server has worked.</summary>
    public static int Result(QueueSite site, QueueCounts counts, SyncFollower seen)
    {
        var open = counts.Ready + counts.Running;
        // What failed before this sync blocks others still: a script that looks at the code alone must not take that for done.
        var code = site.SyncCode(open > 0 ? ExitCodes.Queued : ExitCodes.Done, seen.Failed + counts.Failed + counts.Held);
        if (site.Json) { return Json(site, counts, seen, code == ExitCodes.Queued ? "time_over" : Word(code, seen.Succeeded), code); }

        site.Output.WriteLine();
        site.Say("Sync Results");
        site.Say(QueueText.Rule);
        Line("Succeeded", seen.Succeeded);
        Line("Failed", seen.Failed);
        site.Output.WriteLine();
        if (open > 0) { site.Say(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.WarningMark} The time is over; {open} operation(s) remain queued and go on by themselves")); }
        Rest(site, counts);
        FailedBefore(site, counts);
        if (code == ExitCodes.Done && counts.Scheduled + counts.Waiting == 0) { site.Say($"{site.Terminal.DoneMark} All operations synced successfully!"); }
        return code;

        void Line(string name, int count) => site.Say(string.Create(CultureInfo.InvariantCulture, $"  {name}: {count}"));
    }

    private static void Rest(QueueSite site, QueueCounts counts)
    {
        if (counts.Scheduled > 0)
        {
            var next = counts.NextDue is { } due ? ", the next " + Ages.Ahead(due, site.Time.GetUtcNow()) : "";
            site.Say(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.NoteMark} {counts.Scheduled} operation(s) wait for their time{next}"));
        }

        if (counts.Waiting > 0) { site.Say(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.NoteMark} {counts.Waiting} operation(s) wait for others")); }
        if (counts.Held > 0) { site.Say(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.WarningMark} {counts.Held} operation(s) are held: {site.Next(site.StatusWords)} says why")); }
    }

    /// <summary>How a sync that took place ended, in one word: all arrived, something waits still, or something failed, now or before.</summary>
    public static string Word(int code, int succeeded) => code switch
    {
        ExitCodes.Done => "synced",
        ExitCodes.Queued => "queued",
        _ => succeeded > 0 ? "partly_synced" : Envelope.Failed,
    };

    /// <summary>What waits for a decision, from whichever sync.</summary>
    public static void FailedBefore(QueueSite site, QueueCounts counts)
    {
        site.TellPutAside();
        if (counts.Failed > 0)
        {
            site.Complain(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.FailedMark} {counts.Failed} failed operation(s) need a decision: {site.Next(site.StatusWords)} shows them"));
        }
    }

    private static int Json(QueueSite site, QueueCounts counts, SyncFollower? seen, string result, int code) => site.Document(result, json =>
    {
        json.WriteString("result", result);
        json.WriteNumber("succeeded", seen?.Succeeded ?? 0);
        json.WriteNumber("failed", seen?.Failed ?? 0);
        json.WriteNumber("postponed", seen?.Postponed ?? 0);
        JobJson.Counts(json, counts);
    }, code, site.Place.Server is not null || File.Exists(site.Place.Database));
}
