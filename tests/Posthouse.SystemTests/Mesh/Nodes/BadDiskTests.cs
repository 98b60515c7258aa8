using Posthouse.Mesh.Cache;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>A node whose own file cannot be written: what is served comes from memory, somebody is told, and nothing is missing afterwards.</summary>
public sealed class BadDiskTests : IAsyncLifetime
{
    private const string Available = $"mesh_tier_available{{tier=\"{PriceFile.FileName}\"}}";
    private const string Waiting = $"mesh_tier_waiting{{tier=\"{PriceFile.FileName}\"}}";

    private readonly OneNode _one;
    private SmallDisk? _disk;

    public BadDiskTests() => _one = new OneNode(providers: 1, folder => (_disk = new SmallDisk(folder, "40m")).Inside);

    private MeshNodeProcess Node => _one.Node;

    private ProviderVoice Voice => _one.Voices[0];

    public async ValueTask InitializeAsync()
    {
        await _one.StartAsync();
        await Voice.SayAsync(("BTC", 100m), ("ETH", 10m));
        await _one.ServesAsync("BTC", 100m);
        await FileAsync(metrics => metrics[Waiting] == 0, "has written its first prices");
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        _disk!.Dispose();
    }

    [Fact]
    public async Task A_full_disk_hides_no_price_and_is_given_what_is_newest_when_there_is_space_again()
    {
        var price = 100m;
        _disk!.Fill();
        await MeshGround.UntilAsync(
            async () =>
            {
                await Voice.SayAsync(("BTC", price += 0.01m));
                await _one.ServesAsync("BTC", price);
                return (await Node.MetricsAsync())[Available] == 0;
            },
            () => Task.FromResult("The node should notice that nothing can be written."));
        (await Node.HappenedAsync("TierFails")).Message.ShouldContain("Prices are served from memory");
        (await Node.PricesAsync())["ETH"].Price.ShouldBe(10m);

        _disk.Free();
        await FileAsync(metrics => metrics[Available] == 1 && metrics[Waiting] == 0, "writes again, and has written all");
        await Node.HappenedAsync("TierAnswersAgain");
        var newest = (await Node.PricesAsync())["BTC"];
        newest.Price.ShouldBe(price);
        await Node.KillAsync();
        _disk.Show();
        Node.KeptPrices()[("BTC", Voice.Id)].ShouldBe(newest.Timestamp);
        Directory.GetFiles(Path.Combine(Node.Folder, "mesh"), "*.damaged-*").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_may_only_be_read_gives_its_prices_and_hides_no_new_one()
    {
        await Node.KillAsync();
        _disk!.Forbid(Path.Combine("mesh", PriceFile.FileName));
        await _one.StartAsync();
        (await Node.PricesAsync())["ETH"].Price.ShouldBe(10m);

        await Voice.SayAsync(("BTC", 101m));
        await _one.ServesAsync("BTC", 101m);
        await FileAsync(metrics => metrics[Available] == 0, "notices that nothing can be written");
        await Node.HappenedAsync("TierFails");
    }

    private Task FileAsync(Func<Dictionary<string, double>, bool> holds, string what) => MeshGround.AllAsync([Node], async node => holds(await node.MetricsAsync()), what);
}
