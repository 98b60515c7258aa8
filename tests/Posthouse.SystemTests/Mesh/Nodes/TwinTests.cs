using System.Diagnostics;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>A provider's folder is copied, as when a machine is cloned, and both run: somebody must be told, and no price may suffer.</summary>
public sealed class TwinTests : IAsyncDisposable
{
    private const string EpochOfBoth = "7\n";

    private readonly string _root = Directory.CreateTempSubdirectory("posthouse-twins-").FullName;
    private readonly string[] _addresses = [.. Enumerable.Range(0, 3).Select(_ => $"127.0.0.1:{RunningProgram.FreePort()}")];
    private readonly MeshNodeProcess _reader;
    private readonly MeshNodeProcess[] _twins;

    public TwinTests()
    {
        Directory.CreateDirectory(MeshFolder(0));
        using var key = EcdsaKey.Open(Path.Combine(MeshFolder(0), NodeParts.KeyFile));
        File.WriteAllText(Path.Combine(MeshFolder(0), NodeParts.EpochName), EpochOfBoth);
        string[] shared = ["Mesh:Enabled=true", "Mesh:Trust=allowlist", $"Mesh:Providers:0={key.Public.Id}", "Mesh:Interval=00:00:01", "Mesh:Seeds:0=" + _addresses[2]];
        _twins = [.. _addresses[..2].Select(address => new MeshNodeProcess(_root, [], address, [.. shared, "Mesh:Provide=true", "Mesh:Source:Use=replay", "Mesh:Source:Speed=60"]))];
        _reader = new MeshNodeProcess(_root, [], _addresses[2], shared);
        using var copy = Process.Start("cp", ["-a", _twins[0].Folder, _twins[1].Folder]);
        copy.WaitForExit();
        copy.ExitCode.ShouldBe(0);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll([_reader.DisposeAsync().AsTask(), .. _twins.Select(twin => twin.DisposeAsync().AsTask())]);
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData("7\n")]
    [InlineData("8\n")]
    public async Task Two_processes_with_one_key_are_told_of_once_and_prices_go_on(string epochOfTheCopy)
    {
        File.WriteAllText(Path.Combine(MeshFolder(1), NodeParts.EpochName), epochOfTheCopy);
        await Task.WhenAll(_twins.Append(_reader).Select(node => node.StartAsync()));
        _twins[0].Id.ShouldBe(_twins[1].Id);
        await MeshGround.AllAsync([_reader], async node => (await node.EventsAsync("DuplicateIdentity")).Count > 0, "notices the copy");
        await MeshGround.AllAsync(_twins.Append(_reader), async node => (await node.PricesAsync()).Count == 9, "knows all prices");
        await using var reads = new PriceReader([_reader, .. _twins], assets: 9);
        for (var slot = 0; slot < 3; slot++)
        {
            var now = TimeProvider.System.GetUtcNow();
            await MeshGround.AllAsync(_twins.Append(_reader), async node => (await node.StatusAsync()).LastUpdateTime > now, "gets prices");
        }

        await reads.NeverFailedAsync();
        // Both dial for ever, and each time one of them is turned away.
        (await _reader.HappenedAsync("DuplicateIdentity")).Message.ShouldContain(_twins[0].Id.ToString());
        foreach (var twin in _twins)
        {
            (await twin.PricesAsync()).Values.ShouldAllBe(price => price.Live);
            await twin.KillAsync();
            twin.KeptPrices().Count.ShouldBe(9);
        }
    }

    private string MeshFolder(int node) => Path.Combine(_root, _addresses[node][(_addresses[node].LastIndexOf(':') + 1)..], "mesh");
}
