using Posthouse.Cli.Hosting;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Storage;
using Posthouse.Tests.Vcs.Projects;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Sync;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>Whose operations the verbs of <c>queue</c> mean where they are run.</summary>
public sealed class QueueProjectTests : IDisposable
{
    private readonly QueueStage _stage = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _stage.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_clone_that_never_queued_means_nobody_elses_work()
    {
        var (song, film) = (await CloneAsync("song"), await CloneAsync("film"));
        await QueueAsync(song, "origin", "push-1");

        (await HereAsync(StoreKind.Pocket, film))!.ShouldBeEmpty();
        (await HereAsync(StoreKind.Pocket, song))!.ShouldHaveSingleItem().Root.ShouldBe(song);
        (await HereAsync(StoreKind.Pocket, Path.GetTempPath())).ShouldBeNull("outside of clones all is meant");
        (await HereAsync(StoreKind.Given, film)).ShouldBeNull("a store that was named is shown");
        Directory.Exists(Path.Combine(film, ".git", "posthouse")).ShouldBeFalse("a look writes nothing");
    }

    [Fact]
    public async Task A_clone_that_was_moved_and_a_second_work_tree_are_that_clone()
    {
        var song = await CloneAsync("song");
        await QueueAsync(song, "origin", "push-1");
        await PlainGit.DoAsync(song, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "one");
        await PlainGit.DoAsync(song, "worktree", "add", "-q", _folder.File("second"));
        (await HereAsync(StoreKind.Pocket, _folder.File("second")))!.Count.ShouldBe(1);

        Directory.Move(song, _folder.File("moved"));
        (await HereAsync(StoreKind.Pocket, _folder.File("moved")))!.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Status_counts_what_a_clone_has_for_each_of_its_remotes()
    {
        var (song, film) = (await CloneAsync("song"), await CloneAsync("film"));
        await QueueAsync(song, "origin", "push-1");
        await QueueAsync(song, "studio", "push-2");
        await QueueAsync(film, "origin", "push-3");

        var (exit, output, error) = await _stage.Run("status", "-C", song);

        (exit, error).ShouldBe((0, ""));
        output.ShouldContain("  Pending: 2\n");
        output.ShouldContain("push-1");
        output.ShouldContain("push-2");
        output.ShouldNotContain("push-3");
        output.ShouldContain("1 more of other projects or purchases");
        (await _stage.Run("status", "-C", song, "--remote", "studio")).Output.ShouldContain("  Pending: 1\n");
        (await _stage.Run("status", "-C", song, "--remote", "studios")).ShouldSatisfyAllConditions(
            mistyped => mistyped.Exit.ShouldBe(6), mistyped => mistyped.Error.ShouldContain("something was for"));
        (await _stage.Run("status", "-C", song, "--all-projects")).Output.ShouldContain("  Pending: 3\n");
    }

    [Fact]
    public async Task Clear_with_all_gives_up_this_projects_work_and_another_ones_only_when_that_is_said()
    {
        var (song, film) = (await CloneAsync("song"), await CloneAsync("film"));
        await QueueAsync(song, "origin", "push-1");
        await QueueAsync(film, "origin", "push-2");

        (await _stage.Run("clear", "--all", "--yes", "-C", song)).Output.ShouldEndWith("[ok] Cleared 1 total operation(s)\n");
        (await _stage.Job("push-2")).State.ShouldBe(JobState.Pending);
        (await _stage.Run("clear", "--all", "--yes", "--all-projects", "-C", song)).Output.ShouldEndWith("[ok] Cleared 1 total operation(s)\n");
        (await _stage.Json("list")).GetProperty("jobs").GetArrayLength().ShouldBe(0);
    }

    private async Task<string> CloneAsync(string name)
    {
        var clone = Directory.CreateDirectory(_folder.File(name)).FullName;
        await PlainGit.DoAsync(clone, "init", "-q", "-b", "main");
        return Durable.Canonical(clone);
    }

    private async Task QueueAsync(string clone, string remote, string id)
    {
        var git = Path.Combine(clone, ".git");
        var project = new Project(clone, git, CloneId.At(CloneId.Of(git, SystemIds.Instance), remote), remote, "https://example.org/" + remote);
        var push = new PushCommits(project.CloneId, "main", new string('1', 40));
        await using var store = SqliteJobStore.Open(
            new SqliteStoreOptions { Path = _stage.Database, Time = _stage.Time, Ids = SystemIds.Instance, Parts = [VcsSchema.Part] }, new JobRegistry().AddPosthouseVcsJobs());
        await store.WriteAsync(write =>
        {
            ProjectBook.Seen(write, project);
            return write.Enqueue(push, new EnqueueOptions { Id = JobId.Parse(id) });
        });
    }

    private Task<IReadOnlyList<KnownProject>?> HereAsync(StoreKind kind, string folder)
    {
        var site = new QueueSite(new StorePlace(kind, _stage.Data), null!, TimeProvider.System, TextWriter.Null, Posthouse.Cli.Output.Terminal.OfProcess(), Json: false) { Verb = "queue status", Folder = folder };
        return site.HereAsync(TestContext.Current.CancellationToken);
    }
}
