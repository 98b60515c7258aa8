using System.Text.Json.Nodes;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;

namespace Posthouse.Tests.Ivxp.Client;

/// <summary>Purchases that go nowhere before anything is paid.</summary>
public sealed class RefusedQuoteTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_refused_quote_is_answered_and_leaves_nothing_to_decide()
    {
        var provider = new SmallProvider(Speaks.Wire, _time)
        {
            Edit = body =>
            {
                if (body["quote"] is JsonObject quote)
                    quote["price_usdc"] = 6;
                return body;
            },
        };
        await using var stage = await PocketStage.StartAsync(provider, _time);

        var stopped = await stage.StoppedAsync(await stage.BuyAsync());

        stopped.FailureCode.ShouldBe(ClientErrors.PriceTooHigh);
        var counts = await stage.Jobs.CountAsync();
        (counts.Failed, counts.Open, counts.Done).ShouldBe((0, 0, 1));
        await stage.Client.ResumeAsync(stopped.Id);
        (await stage.StoppedAsync(stopped)).FailureCode.ShouldBe(ClientErrors.PriceTooHigh);
    }

    [Fact]
    public async Task Resuming_tries_at_once_what_waits_for_a_provider_at_a_port_of_its_own()
    {
        var provider = new SmallProvider(Speaks.Wire, _time) { Road = (_, _) => throw new HttpRequestException(HttpRequestError.ConnectionError, "no route") };
        await using var stage = await PocketStage.StartAsync(provider, _time);
        var begun = await stage.Client.BuyAsync(new PurchaseRequest(new Uri("http://provider.example:6161/"), "echo", "x", UsdcAmount.FromUnits(5_000_000)));
        while ((await stage.Jobs.GetAsync(JobId.Parse(begun.JobId!)))!.Failure is null)
            await stage.Jobs.ChangedAsync(await stage.Jobs.LastPositionAsync() - 1, TestContext.Current.CancellationToken);
        provider.Road = null;

        await stage.Client.ResumeAsync(begun.Id);

        var job = (await stage.Jobs.GetAsync(JobId.Parse(begun.JobId!)))!;
        (job.State is not JobState.Pending || job.Gate is not Gate.Time).ShouldBeTrue($"{job.State} {job.Gate}");
    }
}
