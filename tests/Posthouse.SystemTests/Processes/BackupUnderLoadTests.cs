using Posthouse.Ivxp.Protocol;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Processes;

/// <summary>A backup is made while buyers order, the station is lost, and another machine goes on from the backup.</summary>
public sealed class BackupUnderLoadTests : IAsyncLifetime
{
    /// <summary>Orders that are paid before the backup begins; with as many that wait for the disk at the same time.</summary>
    private const int Enough = 20;

    /// <summary>A net under a test that would hang.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly string _backup = Path.Combine(Directory.CreateTempSubdirectory("posthouse-backup-").FullName, "one");
    private readonly MortalProvider _lost = new();
    private readonly MortalProvider _next = new();
    private PushListener _listener = null!;

    public async ValueTask InitializeAsync() => _listener = await PushListener.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _lost.Dispose();
        _next.Dispose();
        await _listener.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(_backup)!, recursive: true);
    }

    [Fact]
    public async Task Whoever_was_told_accepted_before_the_backup_gets_the_result_after_it()
    {
        using var patience = new CancellationTokenSource(_patience);
        await _lost.StartAsync();
        using var load = new OrderLoad(_lost, _listener);
        load.Begin();
        while (load.Paid.Count < Enough) { await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token); }

        var paid = load.Paid.ToArray();
        var (exit, _, error) = await PosthouseProcess.RunAsync("backup", _backup, "--with-keys", "--data", _lost.Folder);
        (exit, error).ShouldBe((0, ""));
        var during = load.Paid.Count - paid.Length;
        await load.EndAsync();
        await _lost.KillAsync();

        (await PosthouseProcess.RunAsync("restore", _backup, "--data", _next.Folder)).ShouldSatisfyAllConditions(ran => ran.Exit.ShouldBe(0, ran.Error));
        (await PosthouseProcess.RunAsync("queue", "resume", "--data", _next.Folder)).Exit.ShouldBe(0);
        await _next.StartAsync();
        using var clients = new OrderLoad(_next, _listener);
        foreach (var order in paid) { (await CollectAsync(clients, order, patience.Token)).ShouldContain(order.Text); }

        await _next.EndAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"{paid.Length} orders were paid before the backup and {during} while it was made");
        during.ShouldBePositive("orders were taken while it was made");
    }

    private static async Task<string> CollectAsync(OrderLoad clients, PaidOrder order, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return (await clients.CollectAsync(order)).Message.Deliverable.Content.ToString();
            }
            catch (PosthouseException e) when (e.Code is IvxpErrors.DeliverableNotReady)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken); // Its work is done anew.
            }
        }
    }
}
