namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>Two hundred watch one node, and one in ten of them does not read: it costs the others nothing, and the node no memory.</summary>
public sealed class ManyWatchersTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Readers = 180;
    private const int Sleepers = 20;
    private const int Assets = 40;

    /// <summary>Several times what fits into a connection that is not read.</summary>
    private const int Publications = 200;

    /// <summary>So many give the collector the heap that it wants for the readers.</summary>
    private const int WarmUp = 100;

    /// <summary>Less than queues for the sleepers would hold: some 14 KiB for each publication and sleeper are 54 MiB.</summary>
    private const long MostGrowth = 28 << 20;

    private readonly OneNode _one = new(providers: 1);
    private int _said;

    public async ValueTask InitializeAsync()
    {
        await _one.StartAsync();
        await SayAsync();
        await _one.ServesAsync("A10", 100.01m);
    }

    public ValueTask DisposeAsync() => _one.DisposeAsync();

    [Fact]
    public async Task Who_does_not_read_costs_the_others_nothing_and_skips_what_was_overtaken()
    {
        await using var crowd = new Crowd();
        await crowd.JoinAsync(_one.Node, Readers, read: true);
        await crowd.HearAsync(0);
        await PublishAsync(crowd, crowd.Watchers[0].Number, WarmUp, "nobody");
        var (first, before) = (crowd.Watchers[0].Number, ProcessFigures.Of(_one.Node.ProcessId).Memory);

        await crowd.JoinAsync(_one.Node, Sleepers, read: false);
        await PublishAsync(crowd, first, Publications, $"{Sleepers}");
        var growth = ProcessFigures.Of(_one.Node.ProcessId).Memory - before;
        output.WriteLine($"Meanwhile the node's memory grew by {growth >> 10} KiB");
        growth.ShouldBeLessThan(MostGrowth);
        foreach (var reader in crowd.Watchers.Where(watching => watching.Reads))
        {
            (reader.Updates, reader.Skipped, reader.Gaps).ShouldBe((WarmUp + Publications, 0, 0));
        }

        (await _one.Node.MetricsAsync())["mesh_watchers"].ShouldBe(Readers + Sleepers);
        var sleepers = crowd.Watchers.Skip(Readers).ToList();
        sleepers.ForEach(sleeper => sleeper.Read());
        await crowd.HearAsync(first + Publications);
        output.WriteLine($"Who had not read got {sleepers.Min(sleeper => sleeper.Updates)} to {sleepers.Max(sleeper => sleeper.Updates)} updates");
        foreach (var sleeper in sleepers)
        {
            (sleeper.Updates + sleeper.Skipped, sleeper.Gaps).ShouldBe((Publications, 0));
            sleeper.Skipped.ShouldBeGreaterThan(Publications / 2);
        }
    }

    /// <summary>Publishes, each time when all who read have heard of the last one: so none of them may skip any, however busy the machine is.</summary>
    private async Task PublishAsync(Crowd crowd, long first, int count, string sleepers)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var publication = 1; publication <= count; publication++)
        {
            await SayAsync();
            await crowd.HearAsync(first + publication);
        }

        output.WriteLine($"{count} publications to {Readers} watchers took {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s while {sleepers} slept");
    }

    /// <summary>A change of all prices by so little that no rule calls it a jump.</summary>
    private Task<byte[]> SayAsync()
    {
        var price = 100m + (++_said * 0.01m);
        return _one.Voices[0].SayAsync([.. Enumerable.Range(10, Assets).Select(asset => ($"A{asset}", price))]);
    }
}
