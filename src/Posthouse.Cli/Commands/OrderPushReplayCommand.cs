using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Pushes;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order push replay</c>: begins new rounds of pushes, one order's or all failed ones of a client or since a time.</summary>
internal static class OrderPushReplayCommand
{
    /// <summary>Orders in one transaction: a running server shares the database and waits for it.</summary>
    private const int PerTransaction = 100;

    public static Command Create(TimeProvider time)
    {
        var id = new Argument<string?>("ID") { Description = "The order's id, or the beginning of it", Arity = ArgumentArity.ZeroOrOne };
        var (client, since, data) = (OrderPushCommand.Client(), OrderPushCommand.Since(), StationSite.DataOption());
        var command = new Command("replay", "Sends deliveries again, under their old delivery ids") { id, client, since, data };
        command.SetAction(async (parsed, _) =>
        {
            var (order, of, from) = (parsed.GetValue(id), OrderPushCommand.ParseClient(parsed.GetValue(client)), OrderPushCommand.ParseSince(parsed.GetValue(since), time.GetUtcNow()));
            if ((order is null) == (of is null && from is null))
            {
                throw new PosthouseException(ErrorCodes.OptionsInvalid, "Name one order, or say --client ADDRESS, --since TIME or both.");
            }

            await using var site = StationSite.Of(parsed, data, time);
            var ids = order is not null ? [(await site.FindAsync(order)).Id] : await site.Book.ReadAsync(read => OrderRows.FailedPushes(read, of, from).ConvertAll(one => one.Id));
            var begun = await ReplayAsync(site, ids);
            if (order is not null && begun == 0)
            {
                throw new PosthouseException(ErrorCodes.JobStateConflict, $"Order {ids[0]} cannot be pushed again: it has no endpoint or no content any more, or is being pushed already.");
            }

            site.Answer([$"{site.Terminal.DoneMark} Replayed: {begun}"], json => json.WriteNumber("replayed", begun));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>The number of rounds that were begun; orders that were collected in the meantime are left alone.</summary>
    private static async Task<int> ReplayAsync(StationSite site, List<string> ids)
    {
        var keep = site.Configuration.Duration(ConfigurationKeys.RetentionKeep);
        var begun = 0;
        foreach (var some in ids.Chunk(PerTransaction))
        {
            begun += await site.Book.WriteAsync(write => some.Count(id => Redelivery.Replay(write, id, keep).Refusal is null));
        }

        return begun;
    }
}
