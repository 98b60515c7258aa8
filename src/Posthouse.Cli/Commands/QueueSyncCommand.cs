using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Cli.Commands;

/// <summary>
/// <c>posthouse queue sync</c>: has the server that dispatches this store try at once what waits for a far side to come
/// back, and follows until all that is due has been tried. Purchases of a person's own store it takes on by itself.
/// </summary>
internal static class QueueSyncCommand
{
    /// <summary>How long a person waits before wondering; what is not done by then goes on without the verb.</summary>
    private const int MaxSeconds = 30;

    public static Command Create(TimeProvider time)
    {
        var most = new Option<int>("--max-time") { Description = "How long to wait, in seconds", HelpName = "SECONDS", DefaultValueFactory = _ => MaxSeconds };
        var command = new Command("sync", "Has pending jobs tried now, and waits until that is done") { most };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var site = QueueSite.Of(parsed, time);
            if (parsed.GetValue(most) < 1) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "--max-time is 1 second or more."); }
            if (!site.Json) { QueueText.Title(site, "Syncing Offline Queue"); }

            using var reader = site.Look();
            var before = reader?.Read(Housekeeping.CountOthers) ?? new QueueCounts();
            var server = RunningServer.Find(site.Place.Folder);
            if (reader is null) { return QueueSyncText.NoStore(site); }
            if (before.Open - before.Failed == 0) { return QueueSyncText.Nothing(site, before); }
            await using var pocket = server is null && !before.Paused ? Purchases(parsed, site, reader) : null;
            if ((server is null && pocket is null) || before.Paused) { return QueueSyncText.NobodyDispatches(site, before); }

            if (!site.Json)
            {
                site.Say(server is null ? $"{site.Terminal.DoneMark} Your purchases go on here" : $"{site.Terminal.DoneMark} Server is running at {server.Url}");
                site.Say(string.Create(CultureInfo.InvariantCulture, $"  Syncing {before.Open - before.Failed} pending operation(s)..."));
                site.Output.WriteLine();
            }

            var follower = new SyncFollower(site, reader);
            await HurryAsync(site, reader);
            if (pocket is not null) { await pocket.StartAsync(); }
            var after = await follower.FollowAsync(TimeSpan.FromSeconds(parsed.GetValue(most)), awaitsDue: pocket is not null, cancellationToken);
            return QueueSyncText.Result(site, after, follower);
        });
        return command;
    }

    /// <summary>A store with open purchases has its own worker in this program; other jobs are an application's.</summary>
    private static Pocket? Purchases(ParseResult parsed, QueueSite site, StoreReader reader) =>
        reader.Read(read => read.Scalar("SELECT count(*) FROM job WHERE name = $1 AND state IN (0, 1)", IvxpClient.JobName)) > 0
            ? Pocket.Open(site.Place.Folder, Path.Combine(site.Place.Folder, Places.WalletName), CommandLine.Configuration(parsed), site.Time, CommandLine.LogOf(parsed))
            : null;

    /// <summary>Opens what waits only because a far side was away.</summary>
    private static async Task HurryAsync(QueueSite site, StoreReader reader)
    {
        var destinations = reader.Read(Foremost.Unreached);
        if (destinations.Count == 0) { return; }

        await using var store = site.Open();
        foreach (var destination in destinations) { await store.DecideAsync(new JobCommand.Reached(destination)); }
    }
}
