using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Storage;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>What becomes of a push whose lock another got first.</summary>
public sealed class DiscardedLockTests : IDisposable
{
    private readonly ProjectStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task Who_discards_the_lock_is_told_that_the_push_behind_it_has_to_be_said_anew_and_that_one_goes()
    {
        _stage.Reach = Reachability.Offline;
        await using (var offline = await _stage.OpenAsync([]))
        {
            await offline.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(offline.Configuration), default);
            await offline.PerformAsync(Push(), ForegroundBudget.Push(offline.Configuration), default);
        }

        _stage.TakenByAnother();
        _stage.Reach = Reachability.Online;
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);
        (await DiscardAsync((await FailedAsync(site)).Id.Value)).ShouldContain("The push that was queued with it does not go without that lock: say 'posthouse push' anew");

        await site.SyncFirstAsync(default);
        var push = await FailedAsync(site);
        push.Name.ShouldBe("vcs.push");
        push.Failure!.Message.ShouldContain("'posthouse push' sends the branch anew");

        _stage.GivenBack();
        (await site.PerformAsync(Push(), ForegroundBudget.Push(site.Configuration), default)).Kind.ShouldBe(OperationEndKind.Done);
        _stage.Pushed.Count.ShouldBe(1);
        (await site.Jobs.CountAsync()).Open.ShouldBe(0, "it took the place of the other");
    }

    private async Task<string> DiscardAsync(string id)
    {
        var output = new StringWriter();
        (await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), ["queue", "discard", id, "--data", _stage.Pocket], output, TextWriter.Null)).ShouldBe(0);
        return output.ToString();
    }

    private static async Task<JobRecord> FailedAsync(ProjectSite site) => (await site.Jobs.ListAsync(new JobQuery { NeedsDecision = true })).ShouldHaveSingleItem();

    private static PushCommits Push() => new(ProjectStage.Clone, "main", new string('1', 40));
}
