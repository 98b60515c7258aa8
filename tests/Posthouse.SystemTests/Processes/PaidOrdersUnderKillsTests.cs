using System.Diagnostics;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Processes;

/// <summary>The built server sells while it is killed; whoever heard "accepted" gets what was paid for, once.</summary>
public sealed class PaidOrdersUnderKillsTests : IAsyncLifetime
{
    /// <summary>A net under a test that would hang.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly MortalProvider _provider = new();
    private PushListener _listener = null!;
    private OrderLoad _load = null!;

    /// <summary>
    /// The points that an order passes, some at an early and at a late passage. The others are not on its way: orders have no
    /// files (7 to 10) and borrow no transaction (14, 15), finished rows are swept only after a minute (12), and a database that
    /// was put aside as damaged (17) has no orders.
    /// </summary>
    private static readonly string[] _points =
    [
        .. Passages(CrashAt.SchemaApplied, 1),
        .. Passages(CrashAt.GroupRun, 1, 90),
        .. Passages(CrashAt.LeasesTaken, 1),
        .. Passages(CrashAt.GroupCommitted, 1, 90),
        .. Passages(CrashAt.GroupAnswered, 1, 90),
        .. Passages(CrashAt.Claimed, 1, 15),
        .. Passages(CrashAt.HandlerAnswered, 1, 15),
        .. Passages(CrashAt.Settled, 1, 15),
        .. Passages(CrashAt.LogFolded, 1),
    ];

    public async ValueTask InitializeAsync()
    {
        _listener = await PushListener.StartAsync();
        _load = new OrderLoad(_provider, _listener);
    }

    public async ValueTask DisposeAsync()
    {
        _provider.Dispose();
        await _listener.DisposeAsync();
        _load.Dispose();
    }

    [Fact]
    public async Task Dying_at_each_point_of_an_order_loses_no_payment_and_makes_nothing_twice()
    {
        _load.Begin();
        foreach (var point in _points)
            await _provider.DieAtAsync(point);
        await BooksShouldBalanceAsync();
    }

    [Fact]
    public async Task Dying_at_random_moments_loses_no_payment_and_makes_nothing_twice()
    {
        var rounds = Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1" ? 200 : 5;
        var seed = Environment.ProcessId;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var moments = new Random(seed);
        _load.Begin();
        // On a crowded machine many rounds end before an order is paid; those prove little, so that more follow, each with an order.
        for (var round = 0; round < rounds || _load.Paid.Count <= rounds; round++)
        {
            await _provider.StartAsync();
            if (round >= rounds)
                await PaidOneMoreAsync();
            await Task.Delay(moments.Next(20, 600)); // The moment itself is what is tried, not something waited for.
            await _provider.KillAsync();
        }

        await BooksShouldBalanceAsync();
        _load.Paid.Count.ShouldBeGreaterThan(rounds);
    }

    private async Task PaidOneMoreAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        for (var before = _load.Paid.Count; _load.Paid.Count == before;)
            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
    }

    private static IEnumerable<string> Passages(CrashAt point, params int[] times) => times.Select(time => $"{(int)point}:{time}");

    private async Task BooksShouldBalanceAsync()
    {
        await _provider.StartAsync();
        await _load.EndAsync();
        var crashed = await DecideCrashedAsync();
        foreach (var order in _load.Paid)
            (await _load.CollectAsync(order)).Message.Deliverable.Content.ToString().ShouldContain(order.Text);

        await _provider.EndAsync();
        using var ledger = new OrderLedger(_provider.Database);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{_provider.Deaths} deaths; {_load.Quoted.Count} quotes and {_load.Paid.Count} payments acknowledged, {_load.Lost} answers lost and asked for again; "
            + $"{_load.Paid.Sum(order => order.Served.Count - 1)} results collected between deaths; "
            + $"{_listener.Count} pushes for {_load.Paid.Count(order => order.IsPushed)} orders; {crashed} jobs were running at three deaths in a row");
        ledger.ShouldBalance(_load, _listener);
    }

    /// <summary>A job that was running at three deaths in a row waits for a person, who says that it was not the job's fault.</summary>
    private async Task<int> DecideCrashedAsync()
    {
        var (start, crashed) = (Stopwatch.GetTimestamp(), new HashSet<string>());
        while (Stopwatch.GetElapsedTime(start) < _patience)
        {
            using var ledger = new OrderLedger(_provider.Database);
            if (ledger.Unfinished == 0)
                return crashed.Count;
            foreach (var id in ledger.Crashed.Where(crashed.Add))
                (await PosthouseProcess.RunAsync("queue", "retry", id, "--data", _provider.Folder)).Exit.ShouldBe(0);
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        throw new TimeoutException("There are jobs that do not end.");
    }
}
