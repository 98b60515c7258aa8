using Posthouse.Cli;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>The options that all verbs of <c>queue</c> take, and those by which a person looks at one part of it.</summary>
public sealed class QueueFlagTests : IDisposable
{
    private readonly QueueStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void Every_verb_takes_the_options_of_the_verbs_about_projects()
    {
        var root = Program.CreateRoot(_stage.Time);
        foreach (var verb in root.Subcommands.Single(command => command.Name == "queue").Subcommands)
        {
            string[] words = ["queue", verb.Name, .. verb.Arguments.Select(_ => "mail-1"), "-q", "-v", "--no-color", "--no-input", "--remote", "origin", "-C", "/"];
            root.Parse(words).Errors.ShouldBeEmpty(verb.Name);
        }
    }

    [Fact]
    public async Task Status_shows_the_jobs_of_one_state_and_no_more_than_wanted()
    {
        await FailedAndPendingAsync();

        var (exit, output, _) = await _stage.Run("status", "--state", "failed", "--limit", "1");

        exit.ShouldBe(0);
        output.ShouldContain("  Failed: 2\n");
        output.ShouldContain("ID: bad-1");
        output.ShouldNotContain("bad-2");
        output.ShouldNotContain("good-1");
        (await _stage.Json("status", "--state", "pending")).GetProperty("jobs").EnumerateArray().ShouldHaveSingleItem().GetProperty("id").GetString().ShouldBe("good-1");
        (await _stage.Json("status", "--limit", "2")).GetProperty("jobs").GetArrayLength().ShouldBe(2);
        (await _stage.Run("status", "--limit", "0")).Exit.ShouldBe(2);
        (await _stage.Run("status", "--state", "odd")).Exit.ShouldBe(2);
    }

    [Fact]
    public async Task Clear_gives_up_what_failed_and_leaves_what_waits()
    {
        await FailedAndPendingAsync();

        (await _stage.Run("clear", "--failed")).Output.ShouldEndWith("[ok] Cleared 2 failed and 0 completed operation(s)\n");
        (await _stage.Job("good-1")).State.ShouldBe(JobState.Pending);
        (await _stage.Json("list")).GetProperty("jobs").GetArrayLength().ShouldBe(1);
        (await _stage.Run("clear", "--failed", "--all")).Exit.ShouldBe(2);
    }

    [Fact]
    public async Task Who_wants_quiet_is_told_only_what_went_wrong_and_asked_nothing()
    {
        await FailedAndPendingAsync();

        (await _stage.Run("status", "-q")).ShouldBe((0, "", ""));
        var (exit, output, error) = await _stage.Run("sync", "-q");
        (exit, output).ShouldBe((8, ""));
        error.ShouldBe("[failed] 2 failed operation(s) need a decision: 'posthouse queue status --data \"DATA\"' shows them\n");
    }

    private async Task FailedAndPendingAsync()
    {
        foreach (var id in (string[])["bad-1", "bad-2"])
        {
            await _stage.Enqueue(QueueStage.Draft(id));
            await _stage.Fail();
        }

        await _stage.Enqueue(QueueStage.Draft("good-1"));
    }
}
