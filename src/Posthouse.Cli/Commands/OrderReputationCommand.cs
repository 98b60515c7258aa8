using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Orders.Receipts;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order reputation</c>: what clients signed about each service, on the server's store.</summary>
internal static class OrderReputationCommand
{
    public static Command Create(TimeProvider time)
    {
        var data = StationSite.DataOption();
        var command = new Command("reputation", "Shows, as a seller, the receipts, ratings and disputes of each service") { data };
        command.SetAction(async (parsed, _) =>
        {
            await using var site = StationSite.Of(parsed, data, time);
            var services = site.Look(ReceiptRows.Reputation) ?? [];
            site.Answer(services.Count == 0 ? ["Nobody has signed anything about a delivery yet."] : services.Select(Line), json =>
            {
                json.WritePropertyName("services");
                json.WriteStartArray();
                foreach (var service in services) { JsonSerializer.Serialize(json, service, IvxpJson.Wire.ServiceReputation); }
                json.WriteEndArray();
            });
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Line(ServiceReputation service)
    {
        var mean = service.MeanRating is { } known ? string.Create(CultureInfo.InvariantCulture, $", mean {known:0.00} of {Counted(service.Ratings, "rating")}") : ", no rating";
        return string.Create(CultureInfo.InvariantCulture, $"{service.Type}: {Counted(service.Receipts, "receipt")}{mean}, {Counted(service.Disputes, "dispute")}");
    }

    private static string Counted(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
