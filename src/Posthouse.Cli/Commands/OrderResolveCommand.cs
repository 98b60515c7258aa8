using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Receipts;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order resolve ID</c>: the seller's decision about an order, on the server's store.</summary>
internal static class OrderResolveCommand
{
    public static Command Create(TimeProvider time)
    {
        var id = OrderCommand.Id();
        var redeliver = new Option<bool>("--redeliver") { Description = "Delivers the stored result again" };
        var refund = new Option<bool>("--refund") { Description = "Records that the money of a disputed order went back; it moves none" };
        var close = new Option<bool>("--close") { Description = "Closes a dispute: nothing more will be delivered" };
        var data = StationSite.DataOption();
        var command = new Command("resolve", "Settles an order as its seller: delivers it again, or ends a dispute") { id, redeliver, refund, close, data };
        command.SetAction(async (parsed, _) =>
        {
            var how = Chosen(parsed.GetValue(redeliver), parsed.GetValue(refund), parsed.GetValue(close));
            await using var site = StationSite.Of(parsed, data, time);
            var before = await site.FindAsync(parsed.GetRequiredValue(id));
            var keep = site.Configuration.Duration(ConfigurationKeys.RetentionKeep);
            var reply = await site.Book.WriteAsync(write => ResolveDispute.Apply(write, before.Id, how, keep));
            if (reply.Refusal is { } refusal) { throw new PosthouseException(refusal.Code, refusal.Message); }
            Tell(site, before, reply.Answer!, how);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Resolution Chosen(bool redeliver, bool refund, bool close) => (redeliver, refund, close) switch
    {
        (true, false, false) => Resolution.Redeliver,
        (false, true, false) => Resolution.Refund,
        (false, false, true) => Resolution.Close,
        _ => throw new PosthouseException(ErrorCodes.OptionsInvalid, "Say what to do, by one of --redeliver, --refund and --close."),
    };

    private static void Tell(StationSite site, Order before, Order after, Resolution how)
    {
        var (was, isNow) = (OrderLaw.Name(before.State), OrderLaw.Name(after.State));
        var line = how switch
        {
            Resolution.Redeliver when after.State is OrderState.Ready => "A new round of pushes begins.",
            Resolution.Redeliver => "The result waits for its client again.",
            Resolution.Refund => "Recorded as refunded. Send the money yourself: Posthouse moves none.",
            _ => "The dispute is closed; downloads are answered with a failure.",
        };
        site.Answer([$"{site.Terminal.DoneMark} {after.Id}: {was} -> {isNow}", $"  {line}"], json =>
        {
            json.WriteString("order_id", after.Id);
            json.WriteString("resolution", how switch { Resolution.Redeliver => "redeliver", Resolution.Refund => "refund", _ => "close" });
            json.WriteString("from", was);
            json.WriteString("to", isNow);
        });
    }
}
