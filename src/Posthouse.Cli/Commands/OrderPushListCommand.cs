using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Egress;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order push list</c>: deliveries that failed, ended or were never allowed, while the client has not collected.</summary>
internal static class OrderPushListCommand
{
    public static Command Create(TimeProvider time)
    {
        var (client, since, data) = (OrderPushCommand.Client(), OrderPushCommand.Since(), StationSite.DataOption());
        var command = new Command("list", "Lists deliveries that did not reach their clients") { client, since, data };
        command.SetAction(async (parsed, _) =>
        {
            var (of, from) = (OrderPushCommand.ParseClient(parsed.GetValue(client)), OrderPushCommand.ParseSince(parsed.GetValue(since), time.GetUtcNow()));
            await using var site = StationSite.Of(parsed, data, time);
            var lines = site.Look(read => OrderRows.FailedPushes(read, of, from).ConvertAll(order => new Line(order, NextTry(read, order)))) ?? [];
            site.Answer(lines.Count == 0 ? ["Every delivery has arrived, was collected, or was never to be pushed."]
                : [.. Table(lines).Lines(site.Terminal.Unicode), $"{lines.Count} in all. 'posthouse order push replay' sends them again."], json => Write(json, lines));
            return ExitCodes.Done;
        });
        return command;
    }

    private static TextTable Table(List<Line> lines)
    {
        var table = new TextTable("Order", "To", "Push", "Error", "Attempts", "Next try", "Ready").AlignRight(4);
        foreach (var (order, next) in lines)
        {
            table.Add(order.Id, PushEndpoint.Authority(order.DeliveryEndpoint), order.Push, order.LastError ?? "",
                order.PushAttempts.ToString(CultureInfo.InvariantCulture), next is { } at ? WireTime.Write(at) : "never", WireTime.Write(order.ReadyAt!.Value));
        }

        return table;
    }

    private static DateTimeOffset? NextTry(IRead read, Order order) =>
        order.Push == PushState.Scheduled && order.PushJob is { } job && JobReads.Get(read, JobId.Parse(job)) is { State: JobState.Pending } waiting ? waiting.RunAt : null;

    private static void Write(Utf8JsonWriter json, List<Line> lines)
    {
        json.WriteStartArray("pushes");
        foreach (var (order, next) in lines)
        {
            json.WriteStartObject();
            json.WriteString("order_id", order.Id);
            json.WriteString("client", order.Client.ToString());
            json.WriteString("host", PushEndpoint.Authority(order.DeliveryEndpoint));
            json.WriteString("push", order.Push);
            json.WriteString("error", order.LastError);
            json.WriteNumber("attempts", order.PushAttempts);
            json.WriteString("ready_at", WireTime.Write(order.ReadyAt!.Value));
            json.WriteString("next_try", next is { } at ? WireTime.Write(at) : null);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("count", lines.Count);
    }

    private sealed record Line(Order Order, DateTimeOffset? Next);
}
