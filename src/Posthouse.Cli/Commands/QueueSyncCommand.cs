using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary>
/// <c>posthouse queue sync</c>: has the server that dispatches this store try at once what waits for a far side to come
/// back, and follows until all that is due has been tried. Purchases of a person's own store it takes on by itself.
/// </summary>
internal static class QueueSyncCommand
{
    /// <summary>How long a person waits before wondering; what is not done by then goes on without the verb.</summary>
    private const int MaxSeconds = 30;

    /// <summary>Operations on projects run in this process: a large push is not cut because nobody named a time; stalled ones end by themselves.</summary>
    private static readonly TimeSpan _transfersEnd = TimeSpan.FromDays(1);

    public static Command Create(TimeProvider time)
    {
        var most = new Option<int>("--max-time") { Description = "How long to wait, in seconds; unless it is said, what projects send is waited for to its end", HelpName = "SECONDS", DefaultValueFactory = _ => MaxSeconds };
        var all = new Option<bool>("--all-projects") { Description = "Sends the operations of all projects, not only of the one around the working folder" };
        var only = new Option<string[]>("--only") { Description = "Only operations of this kind; may be repeated", HelpName = "KIND" };
        only.AcceptOnlyFromAmong([.. Enum.GetNames<OperationKind>().Select(name => name.ToLowerInvariant())]);
        var dry = new Option<bool>("--dry-run") { Description = "Says what would be sent, and sends nothing" };
        var wait = new Option<bool>("--wait") { Description = "Goes on until everything is sent, or the time is over" };
        var command = new Command("sync", "Has pending jobs tried now, and waits until that is done") { most, all, only, dry, wait };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var site = QueueSite.Of(parsed, time);
            if (parsed.GetValue(most) < 1) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "--max-time is 1 second or more."); }
            if (!site.Json) { QueueText.Title(site, "Syncing Offline Queue"); }

            var here = parsed.GetValue(all) ? null : await site.HereAsync(cancellationToken);
            var projects = new VcsQueueSync(site, new VcsSyncWish(
                [.. (parsed.GetValue(only) ?? []).Select(name => Enum.Parse<OperationKind>(name, ignoreCase: true))],
                parsed.GetValue(dry), parsed.GetValue(wait), parsed.GetResult(most) is { Implicit: false } ? TimeSpan.FromSeconds(parsed.GetValue(most)) : _transfersEnd), here);
            await projects.FindMovedAsync(parsed, cancellationToken);
            // What belongs to projects goes first and has an answer of its own; purchases and a server's jobs follow where there are any.
            if (projects.Find() is { Count: > 0 } work) { return await projects.RunAsync(parsed, work, cancellationToken); }

            // What else is followed a project's own status leaves out.
            if (here is not null) { site = site with { StatusWords = "status --all-projects" }; }
            using var reader = site.Look();
            QueueCounts Count(IRead read) => here is null ? Housekeeping.CountOthers(read) : ProjectQueue.CountWithPurchases(read, here);
            var before = reader?.Read(Count) ?? new QueueCounts();
            var server = RunningServer.Find(site.Place.Folder)?.Url ?? reader?.Read(site.Elsewhere);
            if (reader is null) { return QueueSyncText.NoStore(site); }
            if (before.Open - before.Failed == 0) { return QueueSyncText.Nothing(site, before); }
            await using var pocket = server is null && !before.Paused ? Purchases(parsed, site, reader) : null;
            if ((server is null && pocket is null) || before.Paused) { return QueueSyncText.NobodyDispatches(site, before); }

            if (!site.Json)
            {
                site.Say(server is null ? $"{site.Terminal.DoneMark} Your purchases go on here" : $"{site.Terminal.DoneMark} Server is running at {server}");
                site.Say(string.Create(CultureInfo.InvariantCulture, $"  Syncing {before.Open - before.Failed} pending operation(s)..."));
                site.Output.WriteLine();
            }

            var follower = new SyncFollower(site, reader, Count);
            await HurryAsync(site, reader);
            if (pocket is not null) { await pocket.StartAsync(); }
            var after = await follower.FollowAsync(TimeSpan.FromSeconds(parsed.GetValue(most)), awaitsDue: pocket is not null, cancellationToken);
            return QueueSyncText.Result(site, after, follower);
        });
        return command;
    }

    /// <summary>A store with open purchases has its own worker in this program; other jobs are an application's.</summary>
    private static Pocket? Purchases(ParseResult parsed, QueueSite site, IStoreLook reader) =>
        reader.Read(read => read.Scalar("SELECT count(*) FROM job WHERE name = $1 AND state IN (0, 1)", IvxpClient.JobName)) > 0
            ? Pocket.Open(site.Place.Folder, Path.Combine(site.Place.Folder, Places.WalletName), CommandLine.Configuration(parsed), site.Time, CommandLine.LogOf(parsed))
            : null;

    /// <summary>Opens what waits only because a far side was away.</summary>
    private static async Task HurryAsync(QueueSite site, IStoreLook reader)
    {
        var destinations = reader.Read(Foremost.Unreached);
        if (destinations.Count == 0) { return; }

        await using var store = site.Open();
        foreach (var destination in destinations) { await store.DecideAsync(new JobCommand.Reached(destination)); }
    }
}
