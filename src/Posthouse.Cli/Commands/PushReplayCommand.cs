using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse push replay</c>: begins new rounds of pushes, one order's or all failed ones of a client or since a time.</summary>
internal static class PushReplayCommand
{
    /// <summary>Orders in one transaction: a running server shares the database and waits for it.</summary>
    private const int PerTransaction = 100;

    public static Command Create(TimeProvider time)
    {
        var id = new Argument<string?>("ID") { Description = "The order", Arity = ArgumentArity.ZeroOrOne };
        var (client, since) = (PushCommand.Client(), PushCommand.Since());
        var command = new Command("replay", "Sends deliveries again, under their old delivery ids") { id, client, since };
        command.SetAction(async (parsed, _) =>
        {
            var site = PushCommand.Site(parsed, time);
            var (order, of, from) = (parsed.GetValue(id), PushCommand.ParseClient(parsed.GetValue(client)), PushCommand.ParseSince(parsed.GetValue(since), time.GetUtcNow()));
            if ((order is null) == (of is null && from is null))
            {
                throw new PosthouseException(ErrorCodes.OptionsInvalid, "Name one order, or say --client ADDRESS, --since TIME or both.");
            }

            List<string> ids;
            using (var reader = site.LookInside())
            {
                ids = order is not null ? [Resolve(reader, order)] : reader.Read(read => PushCommand.HasOrders(read) ? OrderRows.FailedPushes(read, of, from).ConvertAll(one => one.Id) : []);
            }

            var begun = await ReplayAsync(site, ids);
            if (order is not null && begun == 0)
            {
                throw new PosthouseException(ErrorCodes.JobStateConflict, $"Order {ids[0]} cannot be pushed again: it has no endpoint or no content any more, or is being pushed already.");
            }

            site.Answer($"{site.Terminal.DoneMark} Replayed: {begun}", json => json.WriteNumber("replayed", begun));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>The one order whose id begins so.</summary>
    private static string Resolve(StoreReader reader, string prefix)
    {
        var found = reader.Read(read => PushCommand.HasOrders(read) ? OrderRows.WithPrefix(read, prefix) : []);
        return found.Count == 1 ? found[0].Id : throw new PosthouseException(
            IvxpErrors.OrderNotFound, found.Count == 0 ? $"No order here begins with '{prefix}'." : $"Several orders begin with '{prefix}'; give more of its id.");
    }

    /// <summary>The number of rounds that were begun; orders that were collected in the meantime are left alone.</summary>
    private static async Task<int> ReplayAsync(QueueSite site, List<string> ids)
    {
        var keep = site.Configuration.Duration(ConfigurationKeys.RetentionKeep);
        await using var store = SqliteJobStore.Open(new SqliteStoreOptions
        {
            Path = site.Place.Database,
            Limits = QueueSettings.Limits(site.Configuration),
            Parts = [OrderRows.Schema],
            Time = site.Time,
            Ids = SystemIds.Instance,
        }, PushDelivery.Registry());
        var book = new OrderBook(store);
        var begun = 0;
        foreach (var some in ids.Chunk(PerTransaction))
        {
            begun += await book.WriteAsync(write => some.Count(id => OrderRows.Find(write, id) is { DeliveryEndpoint: not null } && Redelivery.Begin(write, id, keep, OrderActor.Operator, "replay").Refusal is null));
        }

        return begun;
    }
}
