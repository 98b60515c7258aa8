using System.Globalization;
using Posthouse.Mesh.Cache;
using Posthouse.SystemTests.Processes;

namespace Posthouse.SystemTests.Mesh;

public sealed class PriceFileKillTests : IDisposable
{
    private const int Kills = 3;

    private static readonly TimeSpan _promised = TimeSpan.FromSeconds(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-prices-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_node_that_is_killed_while_it_writes_loses_at_most_the_last_second()
    {
        var (path, safe) = (Path.Combine(_folder, PriceFile.FileName), 0L);
        for (var life = 0; life < Kills; life++)
            safe = await LiveAndDie(path, safe);
        using var last = Prober.Start("prices", path);
        (await NumberAsync(last)).ShouldBeGreaterThanOrEqualTo(safe);
        Directory.GetFiles(_folder, "*.damaged-*").ShouldBeEmpty();
    }

    /// <summary>One life. What it accepted a second before its end has to be there in the next.</summary>
    private static async Task<long> LiveAndDie(string path, long safe)
    {
        using var node = Prober.Start("prices", path);
        (await NumberAsync(node)).ShouldBeGreaterThanOrEqualTo(safe);
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        var heard = new List<(long Number, TimeSpan At)>();
        do
        {
            heard.Add((await NumberAsync(node), clock.GetElapsedTime(start)));
        }
        while (heard[^1].At < _promised * 1.5);

        var end = clock.GetElapsedTime(start);
        node.Kill();
        await node.Ends();
        return heard.Last(price => price.At <= end - _promised).Number;
    }

    private static async Task<long> NumberAsync(Prober node) => long.Parse(await node.LineAsync(), CultureInfo.InvariantCulture);
}
