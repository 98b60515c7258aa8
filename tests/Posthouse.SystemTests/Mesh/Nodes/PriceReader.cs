using System.Text.Json;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>Somebody who reads all prices of some nodes all the time, as pages and programs do, and never accepts to get none.</summary>
internal sealed class PriceReader : IAsyncDisposable
{
    /// <summary>Between two reads of one node; nobody waits for it.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<string> _failures = [];
    private readonly List<TimeSpan> _took = [];
    private readonly Lock _lock = new();
    private readonly int _assets;
    private readonly Task _reads;

    /// <summary>Begins to read.</summary>
    /// <param name="nodes">These nodes.</param>
    /// <param name="assets">How many prices each has; null: those of the twelve nodes.</param>
    public PriceReader(IEnumerable<MeshNodeProcess> nodes, int? assets = null)
    {
        _assets = assets ?? MeshGround.Assets.Count;
        _reads = Task.WhenAll([.. nodes.Select(ReadAsync)]);
    }

    /// <summary>Reads no more; every read has to have given all prices.</summary>
    /// <returns>What it read, for people.</returns>
    public async Task<string> NeverFailedAsync()
    {
        await _stopping.CancelAsync();
        await _reads;
        _failures.ShouldBeEmpty();
        _took.Count.ShouldBePositive();
        _took.Sort();
        return $"{_took.Count} reads, median {_took[_took.Count / 2].TotalMilliseconds:0.0} ms, p99 {_took[_took.Count * 99 / 100].TotalMilliseconds:0.0} ms";
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reads;
        _stopping.Dispose();
    }

    private async Task ReadAsync(MeshNodeProcess node)
    {
        var clock = TimeProvider.System;
        while (!_stopping.IsCancellationRequested)
        {
            var start = clock.GetTimestamp();
            string? failure = null;
            try
            {
                var prices = await node.PricesAsync();
                failure = prices.Count == _assets ? null : "a price is missing";
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or IOException)
            {
                failure = e.Message;
            }

            lock (_lock)
            {
                _took.Add(clock.GetElapsedTime(start));
                if (failure is not null) { _failures.Add($"{node.Address}: {failure}"); }
            }

            await Task.WhenAny(Task.Delay(_pause, _stopping.Token));
        }
    }
}
