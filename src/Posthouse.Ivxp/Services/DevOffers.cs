using System.Text.Json;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Ivxp.Services;

/// <summary>What a development provider sells, so that a buyer can try every way an order can go.</summary>
public static class DevOffers
{
    /// <summary>How long <c>slow</c> works: long enough to be seen at it.</summary>
    public static readonly TimeSpan SlowWork = TimeSpan.FromSeconds(5);

    // So often it says how far it is.
    private const int SlowParts = 5;

    /// <summary><c>text_echo</c> (5 USDC), <c>research</c> (50), <c>slow</c> and <c>broken</c> (1 each).</summary>
    /// <param name="time">The clock of <c>slow</c>.</param>
    public static IReadOnlyList<ServiceOffer> All(TimeProvider time) =>
    [
        Offer("text_echo", 5, (work, _) => Task.FromResult(new Deliverable(work.ServiceType, Echo(work), "json"))),
        Offer("research", 50, (work, _) => Task.FromResult(new Deliverable(work.ServiceType, Paper(work), "markdown"))),
        Offer("slow", 1, async (work, stop) =>
        {
            for (var part = 1; part <= SlowParts; part++)
            {
                await Task.Delay(SlowWork / SlowParts, time, stop);
                work.Report((double)part / SlowParts, null);
            }
            return new Deliverable(work.ServiceType, Echo(work), "json");
        }),
        Offer("broken", 1, (_, _) => throw new ServiceFailedException("This service fails every time, so that you can see what follows.")),
    ];

    private static ServiceOffer Offer(string type, long usdc, Func<ServiceWork, CancellationToken, Task<Deliverable>> work) =>
        new(type, UsdcAmount.FromUnits(usdc * UsdcAmount.UnitsPerUsdc), new Handler(work));

    private static JsonContent Echo(ServiceWork work) => ContentText.Of(("text", work.Description));

    private static JsonContent Paper(ServiceWork work)
    {
        var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("title", "Notes on: " + work.Description);
            json.WriteString("body", $"# {work.Description}\n\nA development provider looked nothing up. It only shows the form of a paper.\n");
            json.WriteStartArray("sources");
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return JsonContent.Parse(output.ToArray());
    }

    private sealed class Handler(Func<ServiceWork, CancellationToken, Task<Deliverable>> work) : IServiceHandler
    {
        public Task<Deliverable> WorkAsync(ServiceWork order, CancellationToken cancellationToken) => work(order, cancellationToken);
    }
}
