using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Storage;

namespace Posthouse.Cli.Output;

/// <summary>The one shape in which people see the queue: title, rule, disjoint counts, entries.</summary>
internal static class QueueText
{
    /// <summary>The rule under a title.</summary>
    public static readonly string Rule = new('=', 50);

    /// <summary>What becomes of the work behind a lock that another got first.</summary>
    public const string WithoutLock = "Your versions are still here, and what was queued behind the lock is not sent without it. "
        + "Wait for it with 'posthouse lock acquire --wait'; or discard it and say 'posthouse push' anew, which goes where nobody else has what it changes; "
        + "or put your version beside theirs: 'git branch mine', then 'posthouse push --branch mine --no-fence'.";

    /// <summary>The whole of <c>queue status</c>.</summary>
    /// <param name="site">Whom it is written for.</param>
    /// <param name="view">The queue, or null where there is no store.</param>
    public static void Status(QueueSite site, QueueView? view)
    {
        Title(site, "Offline Operation Queue");
        if (view is null)
        {
            foreach (var line in site.NoStore()) { site.Say("  " + line); }
            site.TellPutAside();
            return;
        }

        Counts(site, view.Counts, view.Interrupted);
        site.TellPutAside();
        var now = site.Time.GetUtcNow();
        foreach (var (index, job) in view.Jobs.Index())
        {
            site.Output.WriteLine();
            Entry(site, index + 1, job, now);
        }

        Footer(site, view);
    }

    public static void Title(QueueSite site, string title)
    {
        site.Say(site.Place.Title);
        site.Output.WriteLine();
        site.Say(title);
        site.Say(Rule);
        site.Output.WriteLine();
    }

    /// <summary>Pending, Completed and Failed always, the other parts where there is something in them.</summary>
    private static void Counts(QueueSite site, QueueCounts counts, long interrupted)
    {
        Line("Pending", counts.Ready + counts.Scheduled, always: true);
        Line("Running", counts.Running - interrupted);
        Line("Verifying", interrupted);
        Line("Waiting", counts.Waiting);
        Line("Held", counts.Held);
        Line("Completed", counts.Done, always: true);
        Line("Failed", counts.Failed, always: true);
        Line("Closed", counts.Closed, more: " (taken back, given up, replaced by a later one, or too old)");
        if (counts.Paused) { site.Say($"  {site.Terminal.WarningMark} Paused; {site.Next("resume")} ends that"); }
        foreach (var destination in counts.PausedDestinations.Select(JobWords.Destination).Distinct()) { site.Say($"  {site.Terminal.WarningMark} Paused: {destination}"); }

        void Line(string name, long count, bool always = false, string more = "")
        {
            if (always || count > 0) { site.Say(string.Create(CultureInfo.InvariantCulture, $"  {name}: {count}{more}")); }
        }
    }

    private static void Entry(QueueSite site, int number, JobRecord job, DateTimeOffset now)
    {
        site.Say(string.Create(CultureInfo.InvariantCulture, $"  {number}. {site.TitleOf(job)} ({Ages.Ago(job.AcceptedAt, now)})"));
        site.Say(string.Create(CultureInfo.InvariantCulture, $"     ID: {job.Id} | Priority: {job.Priority} | Attempts: {job.Attempts}"));
        site.Say("     " + site.StateOf(job, now));
        if (job.Failure is { } failure) { site.Say("     Last error: " + JobWords.Failure(failure)); }
    }

    private static void Footer(QueueSite site, QueueView view)
    {
        var (counts, housekeeping) = (view.Counts, view.Housekeeping);
        if (counts.Open == 0) { return; }

        site.Output.WriteLine();
        var more = view.IsOfOneState ? 0 : counts.Open - view.Jobs.Count - housekeeping;
        if (more > 0) { site.Say(string.Create(CultureInfo.InvariantCulture, $"  {more} more: {site.Next("list")} shows all")); }
        if (housekeeping > 0) { site.Say(string.Create(CultureInfo.InvariantCulture, $"  {housekeeping} housekeeping {(housekeeping == 1 ? "job waits for its" : "jobs wait for their")} time; {site.Next("list")} shows them too")); }
        if (counts.Failed > 0) { site.Say($"  Use {site.Next("retry ID")} or {site.Next("discard ID")} to decide about failed ones"); }
        if (counts.Open <= counts.Failed + housekeeping) { return; }
        site.Say(view.CanSync
            ? $"  Use {site.Next("sync")} to sync pending operations"
            : $"  The program that owns this store sends pending operations when it runs: an application of yours, or 'posthouse serve --data {ResourcePath.Quoted(site.Place.Folder)}'");
    }
}
