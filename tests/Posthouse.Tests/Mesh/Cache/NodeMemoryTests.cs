using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Mesh.Cache;

public sealed class NodeMemoryTests : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly ManualTimeProvider _time = new(SignedPrices.Noon);
    private readonly PriceFile _file;
    private readonly NodeMemory _memory;

    public NodeMemoryTests()
    {
        _file = new PriceFile(_folder.File(PriceFile.FileName), _time, NullLogger.Instance);
        _memory = new NodeMemory(_file, _time, NullLogger.Instance);
    }

    private static NodeId Node { get; } = new TagKey(1).Public.Id;

    public async ValueTask DisposeAsync()
    {
        await _memory.DisposeAsync();
        await _file.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_provider_is_remembered_as_it_was_last_saved()
    {
        var provider = new StoredProvider(Node, SignedPrices.Noon, SignedPrices.Noon.AddHours(1), new Stamp(7, ulong.MaxValue), [1.5, 0, double.Pi, 1e-9]);
        _memory.Save(provider with { LastAlive = SignedPrices.Noon });
        _memory.Save(provider);
        (await _memory.FlushAsync()).ShouldBeTrue();
        var read = (await _memory.LoadProvidersAsync()).ShouldHaveSingleItem();
        (read with { Counts = [] }).ShouldBe(provider with { Counts = [] });
        read.Counts.ShouldBe(provider.Counts);
        _memory.Forget(Node);
        await _memory.FlushAsync();
        (await _memory.LoadProvidersAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_cannot_be_written_is_told_of_once_and_so_is_that_it_was_written_after_all()
    {
        using var full = TempFolder.InMemory();
        var (path, said) = (full.File(PriceFile.FileName), new MeshEvents(NullLogger.Instance, _time));
        Directory.CreateDirectory(path); // What is no file can be neither read nor written.
        await using var file = new PriceFile(path, _time, said);
        await using var memory = new NodeMemory(file, _time, said);
        for (var one = 0; one < 5; one++)
        {
            memory.SaveFact("fact", $"{one}");
            (await memory.FlushAsync()).ShouldBeFalse();
        }

        said.Since(0).ShouldHaveSingleItem().Code.ShouldBe("MemoryNotWritten");
        Directory.Delete(path);
        (await memory.FlushAsync()).ShouldBeTrue();
        await memory.FlushAsync();
        said.Since(1).ShouldHaveSingleItem().Code.ShouldBe("MemoryWritten");
        (await memory.LoadFactsAsync())["fact"].ShouldBe("4");
    }

    [Fact]
    public async Task Addresses_and_facts_are_remembered_and_forgotten()
    {
        var peer = new StoredPeer("wss://example.org:7001/mesh", Node, SignedPrices.Noon, 2);
        _memory.Save(peer);
        _memory.Save(new StoredPeer("wss://example.org:7002/mesh", null, SignedPrices.Noon, 0));
        _memory.SaveFact("offline_since", "2026-01-01T00:00:00Z");
        _memory.SaveFact("other", "1");
        await _memory.FlushAsync();
        _memory.ForgetPeer("wss://example.org:7002/mesh");
        _memory.SaveFact("other", null);
        await _memory.FlushAsync();
        (await _memory.LoadPeersAsync()).ShouldBe([peer]);
        (await _memory.LoadFactsAsync()).ShouldBe(new Dictionary<string, string> { ["offline_since"] = "2026-01-01T00:00:00Z" });
    }

    [Fact]
    public async Task The_history_is_a_ring_of_an_hour_with_one_point_for_each_half_minute()
    {
        for (var second = 0; second <= 7_200; second += 10)
            _memory.SavePoint(SignedPrices.Btc, SignedPrices.Noon.AddSeconds(second), second);
        await _memory.FlushAsync();
        _memory.SavePoint(SignedPrices.Btc, SignedPrices.Noon.AddSeconds(3_600), -1);
        await _memory.FlushAsync();
        var points = (await _memory.LoadHistoryAsync())[SignedPrices.Btc].ToList();
        points.Count.ShouldBe(NodeRows.Places);
        points.ShouldBeInOrder();
        points[^1].ShouldBe((SignedPrices.Noon.AddSeconds(7_200), 7_200m));
        points[0].At.ShouldBeGreaterThan(SignedPrices.Noon.AddSeconds(3_590));
    }

    [Fact]
    public async Task A_wish_is_written_within_a_second_without_being_asked()
    {
        _memory.SaveFact("a", "1");
        _time.Advance(NodeMemory.FlushAfter);
        // Reads and writes share one thread, so this one comes after.
        (await _memory.LoadFactsAsync()).Keys.ShouldBe(["a"]);
    }
}
