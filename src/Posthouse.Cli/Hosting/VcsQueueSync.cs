using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Hosting;

/// <summary>What <c>queue sync</c> is to do about operations on projects.</summary>
/// <param name="Only">The kinds that are sent; empty: all.</param>
/// <param name="DryRun">Whether it only says what it would send.</param>
/// <param name="Waits">Whether what fails for a passing reason is tried again within the time.</param>
/// <param name="Most">How long it may take.</param>
internal sealed record VcsSyncWish(IReadOnlyList<OperationKind> Only, bool DryRun, bool Waits, TimeSpan Most);

/// <summary>
/// <c>queue sync</c> for operations on projects: they have no server, so this process runs them. Two at once share the work, for each
/// operation has one worker.
/// </summary>
/// <param name="site">The store.</param>
/// <param name="wish">What is wanted.</param>
/// <param name="here">The clone whose operations are meant; null: all.</param>
internal sealed class VcsQueueSync(QueueSite site, VcsSyncWish wish, IReadOnlyList<KnownProject>? here)
{
    /// <summary>The projects whose operations would be sent, with those operations.</summary>
    public List<(KnownProject Project, List<OpenOperation> Operations)> Find()
    {
        using var reader = site.Look();
        return reader?.Read(read => Meant(read)
            .Select(project => (project, OpenOperations.Of(read, project.CloneId).Where(IsMeant).ToList()))
            .Where(one => one.Item2.Count > 0).ToList()) ?? [];
    }

    /// <summary>The projects that are meant, as the store has them now.</summary>
    private List<KnownProject> Meant(IRead read) => VcsSchema.IsIn(read)
        ? [.. ProjectBook.List(read).Where(project => here is null || here.Any(one => one.CloneId == project.CloneId))]
        : [];

    /// <summary>Sends them.</summary>
    public async Task<int> RunAsync(ParseResult parsed, List<(KnownProject Project, List<OpenOperation> Operations)> work, CancellationToken cancellationToken)
    {
        var count = work.Sum(one => one.Operations.Count);
        if (wish.DryRun) { return Dry(work, count); }

        var configuration = CommandLine.Configuration(parsed);
        await using var services = VcsPocket.Container(site.Place, configuration, site.Time);
        services.GetRequiredService<SyncScope>().Only = wish.Only;
        var reached = await ReachedAsync(services, work, configuration.Duration(ConfigurationKeys.NetworkProbeTimeout), cancellationToken);
        if (reached.Count == 0) { return Offline(count); }

        if (!site.Json)
        {
            site.Say($"{site.Terminal.DoneMark} Network is online");
            site.Say(string.Create(CultureInfo.InvariantCulture, $"  Syncing {count} pending operation(s)..."));
            site.Output.WriteLine();
        }

        foreach (var project in reached) { await services.GetRequiredService<IJobStore>().DecideAsync(new JobCommand.Release(HoldReason.Credentials, Project.DestinationOf(project.CloneId))); }
        if (site is { IsVerbose: true, Json: false }) { services.GetRequiredService<TransferFeed>().Said += (_, line) => site.Say("   " + line); }
        var run = new SyncRun(services, site.Time, Tell);
        var begun = site.Time.GetTimestamp();
        await run.RunAsync(reached, wish.Most, wish.Waits, cancellationToken);
        var (left, counts) = await services.GetRequiredService<IStore>().ReadAsync(read => (work.Sum(one => OpenOperations.Of(read, one.Project.CloneId).Count(IsMeant)), ProjectQueue.Count(read, Meant(read))));
        var code = site.SyncCode(left > 0 ? ExitCodes.Queued : ExitCodes.Done, run.Failed.Count + counts.Failed + counts.Held);
        if (site.Json) { Json(run, left, counts, code, site.Time.GetElapsedTime(begun)); }
        else { Results(run, left, counts, code); }
        return code;
    }

    /// <summary>A clone that was moved since its operations were queued is found again when the verb is run in it.</summary>
    public async Task FindMovedAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (here is null || here.All(project => Directory.Exists(project.Root))) { return; }

        await using var services = VcsPocket.Container(site.Place, CommandLine.Configuration(parsed), site.Time);
        try
        {
            foreach (var project in here)
            {
                var now = await ProjectFinder.FindAsync(services.GetRequiredService<IGit>(), site.Folder, project.Remote, cancellationToken);
                if (now.CloneId == project.CloneId) { await services.GetRequiredService<ProjectBook>().SeenAsync(now); }
            }
        }
        catch (PosthouseException)
        {
            // One of its remotes is gone; its operations are told as missing.
        }
    }

    /// <summary>The projects whose remote may be tried.</summary>
    private static async Task<List<KnownProject>> ReachedAsync(
        IServiceProvider services, List<(KnownProject Project, List<OpenOperation> Operations)> work, TimeSpan within, CancellationToken cancellationToken)
    {
        var reached = new List<KnownProject>();
        foreach (var (project, _) in work)
        {
            try
            {
                var workplace = await services.GetRequiredService<IWorkplaces>().OfCloneAsync(project.CloneId, cancellationToken);
                // Somebody asked for it: what a verb found out a moment ago is not enough.
                var state = await workplace.Remote.ProbeAsync(within, cancellationToken);
                await services.GetRequiredService<RemoteHealth>().ProbedAsync(project.Address, state);
                if (state is not Reachability.Offline) { reached.Add(project); }
            }
            catch (PosthouseException)
            {
                // Its operations say so, each with its own failure.
                reached.Add(project);
            }
        }

        return reached;
    }

    private int Offline(int count)
    {
        using var reader = site.Look();
        var counts = reader?.Read(read => ProjectQueue.Count(read, Meant(read))) ?? new QueueCounts();
        var code = site.SyncCode(ExitCodes.Queued, counts.Failed + counts.Held);
        if (site.Json)
        {
            return site.Document("offline", json =>
            {
                json.WriteString("result", "offline");
                json.WriteNumber("remaining", count);
            }, code);
        }

        site.Say($"{site.Terminal.WarningMark} Network is offline");
        site.Say(string.Create(CultureInfo.InvariantCulture, $"  {count} operation(s) remain queued"));
        QueueSyncText.FailedBefore(site, counts);
        return code;
    }

    private bool IsMeant(OpenOperation operation) =>
        operation.Phase is not OperationPhase.Failed && (wish.Only.Count == 0 || wish.Only.Contains(operation.Ordered.Kind));

    private int Dry(List<(KnownProject Project, List<OpenOperation> Operations)> work, int count)
    {
        if (site.Json)
        {
            return site.Document("dry_run", json =>
            {
                json.WriteString("result", "dry_run");
                json.WriteStartArray("would_sync");
                foreach (var operation in work.SelectMany(one => one.Operations)) { json.WriteStringValue(operation.Id.Value); }
                json.WriteEndArray();
            });
        }

        site.Say(string.Create(CultureInfo.InvariantCulture, $"  Would sync {count} operation(s):"));
        foreach (var (project, operations) in work)
        {
            foreach (var operation in operations) { site.Say($"  {operation.Id}  {OperationTitle.Of(operation.Operation, project.Name)}"); }
        }

        return ExitCodes.Done;
    }

    private void Tell(SyncNews news, Posthouse.Jobs.JobId id, string title, Posthouse.Vcs.RemoteFailure? failure)
    {
        if (site.Json) { return; }

        Action<string> say = news is SyncNews.Failed or SyncNews.Postponed ? site.Complain : site.Say;
        say(news switch
        {
            SyncNews.Begun => $"{site.Terminal.NoteMark} Syncing: {title}",
            SyncNews.Completed => $"{site.Terminal.DoneMark} Completed: {title}",
            SyncNews.Waits => $"{site.Terminal.NoteMark} Waits: {title} - {failure!.Message}",
            SyncNews.Postponed => $"{site.Terminal.WarningMark} Will be tried again: {title} - {failure!.Message.Split('\n')[0]}",
            _ => $"{site.Terminal.FailedMark} Failed: {title} - {failure!.Message.Split('\n')[0]}",
        });
    }

    private void Results(SyncRun run, int left, QueueCounts counts, int code)
    {
        site.Output.WriteLine();
        site.Say("Sync Results");
        site.Say(QueueText.Rule);
        site.Say(string.Create(CultureInfo.InvariantCulture, $"  Succeeded: {run.Succeeded}"));
        site.Say(string.Create(CultureInfo.InvariantCulture, $"  Failed: {run.Failed.Count}"));
        site.Output.WriteLine();
        if (run.Failed.Count > 0)
        {
            site.Say($"{site.Terminal.FailedMark} Failed operations:");
            foreach (var failed in run.Failed.Values) { site.Say($"  {site.Terminal.FailedMark} {failed.Id} - {failed.Failure.Message.Split('\n')[0]}"); }
            if (run.Failed.Values.Any(failed => failed.Remains)) { site.Say($"{site.Terminal.WarningMark} Some operations failed - they remain queued for retry"); }
            if (run.Failed.Values.Any(failed => failed.NeedsDecision)) { site.Say($"{site.Terminal.FailedMark} Those that are not tried again need a decision: {site.Next("retry ID")} or {site.Next("discard ID")}"); }
            if (run.Failed.Values.Any(failed => failed is { NeedsDecision: true, Failure.Code: VcsErrors.LockConflict }))
            {
                site.Say($"   {QueueText.WithoutLock}");
            }
        }

        // What failed just now stands above.
        QueueSyncText.FailedBefore(site, counts with { Failed = Math.Max(0, counts.Failed - run.Failed.Values.Count(failed => failed.NeedsDecision)) });
        var quiet = left - run.Failed.Values.Count(failed => failed.Remains);
        if (quiet > 0) { site.Say(string.Create(CultureInfo.InvariantCulture, $"{site.Terminal.NoteMark} {quiet} operation(s) still wait; {site.Next("status")} says for what")); }
        if (code == ExitCodes.Done) { site.Say($"{site.Terminal.DoneMark} All operations synced successfully!"); }
    }

    private void Json(SyncRun run, int left, QueueCounts counts, int code, TimeSpan took)
    {
        var result = QueueSyncText.Word(code, run.Succeeded);
        site.Document(result, json =>
        {
            json.WriteString("result", result);
            json.WriteNumber("succeeded", run.Succeeded);
            json.WriteNumber("failed", run.Failed.Count);
            json.WriteNumber("remaining", left);
            json.WriteNumber("undecided", counts.Failed + counts.Held);
            json.WriteNumber("duration_s", Math.Round(took.TotalSeconds, 3));
            json.WriteStartArray("failures");
            foreach (var failed in run.Failed.Values)
            {
                json.WriteStartObject();
                json.WriteString("id", failed.Id.Value);
                json.WriteString("title", failed.Title);
                json.WriteString("code", failed.Failure.Code);
                json.WriteString("category", JobWords.Word(failed.Failure.Category));
                json.WriteString("message", failed.Failure.Message);
                json.WriteBoolean("remains_queued", failed.Remains);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }, code);
    }
}
