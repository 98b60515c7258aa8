using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Dashboard.Locks;
using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.AspNetCore.Diagnostics;
using Posthouse.Diagnostics;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Selling;
using Posthouse.Mesh.Hosting;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Live;

/// <summary>
/// Tells open pages what has changed, by name; each then asks for its own part anew. However many pages are open, the server looks once a
/// second, by marks that cost nothing, and not at all while none is open.
/// </summary>
internal sealed class LiveFeed(IServiceProvider services, TimeProvider time, ILogger log)
{
    /// <summary>Time between two looks: what moves quicker nobody can read.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>Pages that are followed at a time: each holds a connection.</summary>
    public const int Most = 64;

    /// <summary>Looks between two signs of life, by which a browser knows that nothing changed and nobody died.</summary>
    private const int BeatEvery = 5;

    /// <summary>Seconds after which the words for a price's age may be others.</summary>
    private const int AgeStep = 60;

    /// <summary>Messages that a page may be behind; of more the oldest are dropped, for each says only that there is something new.</summary>
    private const int Behind = 16;

    private readonly Lock _lock = new();
    private readonly List<Channel<string>> _streams = [];
    private (long Position, string Counts, Sales? Sales, object? Prices, string? Mesh, long Locks, Sample? Sample) _marks;
    private bool _runs;
    private bool _isTroubled;

    /// <summary>Begins to tell a page; null: too many are told already.</summary>
    public Stream? Join()
    {
        var channel = Channel.CreateBounded<string>(new BoundedChannelOptions(Behind) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        bool starts;
        lock (_lock)
        {
            if (_streams.Count >= Most) { return null; }

            channel.Writer.TryWrite(_isTroubled ? Message("trouble", "") : Message("beat", "0"));
            _streams.Add(channel);
            (starts, _runs) = (!_runs, true);
        }

        if (starts) { _ = RunAsync(); }
        return new Stream(this, channel);
    }

    /// <summary>Whether one more page would be refused.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock) { return _streams.Count >= Most; }
        }
    }

    private async Task RunAsync()
    {
        _marks = await LookAsync(_marks);
        for (var turn = 1; ; turn++)
        {
            await Task.Delay(Every, time);
            lock (_lock)
            {
                if (_streams.Count == 0)
                {
                    _runs = false;
                    return;
                }
            }

            var before = _marks;
            _marks = await LookAsync(before);
            if (before.Position != _marks.Position || before.Counts != _marks.Counts) { Tell("jobs", ""); }
            if (!ReferenceEquals(before.Sales, _marks.Sales) && Text(before.Sales) != Text(_marks.Sales)) { Tell("orders", ""); }
            if (!ReferenceEquals(before.Prices, _marks.Prices) || before.Mesh != _marks.Mesh) { Tell("mesh", ""); }
            if (before.Locks != _marks.Locks) { Tell("locks", ""); }
            if (!ReferenceEquals(before.Sample, _marks.Sample) && _marks.Sample is { } sample) { Tell("sample", Text(sample)); }
            if (turn % BeatEvery == 0) { Tell("beat", turn.ToString(CultureInfo.InvariantCulture)); }
        }
    }

    private async Task<(long Position, string Counts, Sales? Sales, object? Prices, string? Mesh, long Locks, Sample? Sample)> LookAsync(
        (long Position, string Counts, Sales? Sales, object? Prices, string? Mesh, long Locks, Sample? Sample) before)
    {
        try
        {
            var position = await services.GetRequiredService<IJobStore>().LastPositionAsync();
            var counts = Text((await services.GetRequiredService<Reading<QueueStanding>>().GetAsync()).All);
            var sales = services.GetService<OrderBook>() is null ? null : await services.GetRequiredService<Reading<Sales>>().GetAsync();
            var node = services.GetService<MeshHost>() is { IsRunning: true } host ? host.Node : null;
            var locks = services.GetService<ILockView>() is { } view ? view.Version : 0;
            Turn(null);
            return (position, counts, sales, node?.Snapshot, Text(node), locks, services.GetRequiredService<QueueHistory>().Last);
        }
        catch (Exception trouble)
        {
            // What is new is not known, and an open page must not go on as if nothing were.
            Turn(trouble);
            return before;
        }
    }

    /// <summary>Tells that the store does not answer any more, or that it does again.</summary>
    private void Turn(Exception? trouble)
    {
        // In one step: whoever joins is told either by this or by joining.
        lock (_lock)
        {
            if (_isTroubled == trouble is not null) { return; }

            _isTroubled = trouble is not null;
            if (trouble is not null) { log.DashboardBlind(trouble); }
            Tell(_isTroubled ? "trouble" : "back", "");
        }
    }

    private void Tell(string name, string data)
    {
        var message = Message(name, data);
        lock (_lock)
        {
            foreach (var stream in _streams) { stream.Writer.TryWrite(message); }
        }
    }

    private static string Message(string name, string data) => $"event: {name}\ndata: {data}\n\n";

    /// <summary>What does not append to the log: pauses, and jobs that begin or become due.</summary>
    private static string Text(QueueCounts counts) => string.Create(CultureInfo.InvariantCulture,
        $"{counts.Ready} {counts.Scheduled} {counts.Waiting} {counts.Held} {counts.Running} {counts.Failed} {counts.Done} {counts.Closed} {counts.Paused} {string.Join(' ', counts.PausedDestinations)}");

    private static string Text(Sales? sales) => sales is null ? "" : string.Join(' ', sales.States.OrderBy(state => state.Key).Select(state => $"{state.Key} {state.Value}"));

    private static string? Text(MeshNode? node) => node?.GetStatus() is { } status
        ? string.Create(CultureInfo.InvariantCulture, $"{status.State} {status.Notice} {status.ActiveProviders.Count} {status.ConnectedPeers} {status.SelfIsProvider} {status.Discrepancies.Count} {string.Join(' ', status.DegradedProviders)} {status.OldestAssetAgeSeconds / AgeStep}")
        : null;

    /// <summary>As <c>charts.js</c> reads it: seconds, then the values in the order of the record.</summary>
    internal static string Text(Sample sample) => string.Create(CultureInfo.InvariantCulture,
        $"[{sample.At.ToUnixTimeMilliseconds() / 1000.0:0.###},{sample.Open},{sample.Failed},{sample.Accepted:0.##},{sample.Done:0.##},{sample.Tries:0.##}]");

    private void Leave(Channel<string> channel)
    {
        lock (_lock) { _streams.Remove(channel); }
    }

    /// <summary>What one page is told.</summary>
    internal sealed class Stream(LiveFeed feed, Channel<string> channel) : IDisposable
    {
        /// <summary>The next messages, as they are sent.</summary>
        public async Task<byte[]> NextAsync(CancellationToken cancellationToken)
        {
            var text = new StringBuilder(await channel.Reader.ReadAsync(cancellationToken));
            while (channel.Reader.TryRead(out var more)) { text.Append(more); }
            return Encoding.UTF8.GetBytes(text.ToString());
        }

        /// <inheritdoc/>
        public void Dispose() => feed.Leave(channel);
    }
}
