using Posthouse.Tests.Vcs.Projects;
using Posthouse.Vcs;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Sync;

namespace Posthouse.Tests.Vcs.Sync;

/// <summary>What a lock is taken on is compared with the remote, on whatever branch it is.</summary>
public sealed class BranchStateTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("posthouse-branches-");

    private string Remote => Path.Combine(_folder.FullName, "remote.git");

    private string Clone => Path.Combine(_folder.FullName, "clone");

    public async ValueTask InitializeAsync()
    {
        await PlainGit.DoAsync(_folder.FullName, "init", "--quiet", "--bare", "--initial-branch=main", Remote);
        await PlainGit.DoAsync(_folder.FullName, "clone", "--quiet", Remote, Clone);
        await CommitAsync("first");
        await PlainGit.DoAsync(Clone, "push", "--quiet", "origin", "HEAD:refs/heads/main");
    }

    public ValueTask DisposeAsync()
    {
        foreach (var file in _folder.EnumerateFiles("*", SearchOption.AllDirectories)) { file.Attributes = FileAttributes.Normal; }
        _folder.Delete(recursive: true);
        return default;
    }

    [Fact]
    public async Task A_branch_that_the_remote_has_not_is_compared_with_its_default_branch()
    {
        await PlainGit.DoAsync(Clone, "switch", "--quiet", "--create", "mine");
        (await StalenessAsync()).ShouldBeNull();
        await OthersPushAsync();

        (await StalenessAsync()).ShouldNotBeNull().Message.ShouldStartWith("The remote's main is ahead of what is here");
        await PlainGit.DoAsync(Clone, "pull", "--quiet", "origin", "main");
        (await StalenessAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Without_a_branch_the_commit_that_is_checked_out_is_compared()
    {
        await PlainGit.DoAsync(Clone, "switch", "--quiet", "--detach");
        (await StalenessAsync()).ShouldBeNull();
        await OthersPushAsync();

        var stale = (await StalenessAsync()).ShouldNotBeNull();
        stale.Category.ShouldBe(FailureCategory.Diverged);
        stale.Hint!.ShouldContain("--allow-stale");
    }

    [Fact]
    public async Task What_cannot_be_compared_is_not_taken_for_new()
    {
        await PlainGit.DoAsync(Remote, "symbolic-ref", "HEAD", "refs/heads/nowhere");
        await PlainGit.DoAsync(Clone, "switch", "--quiet", "--create", "mine");

        (await StalenessAsync()).ShouldNotBeNull().Message.ShouldContain("Nobody can tell");
        (await StalenessAsync("main")).ShouldBeNull();
    }

    [Fact]
    public async Task A_remote_without_any_branch_has_nothing_newer()
    {
        await PlainGit.DoAsync(Remote, "update-ref", "-d", "refs/heads/main");

        (await StalenessAsync()).ShouldBeNull();
    }

    private Task<RemoteFailure?> StalenessAsync(string? branch = null) =>
        new BranchState(new PlainGit(), new Project(Clone, Path.Combine(Clone, ".git"), "0123456789abcdef", "origin", Remote))
            .StalenessAsync(branch, TestContext.Current.CancellationToken);

    private async Task OthersPushAsync()
    {
        var other = Path.Combine(_folder.FullName, "other");
        await PlainGit.DoAsync(_folder.FullName, "clone", "--quiet", Remote, other);
        await CommitAsync("theirs", other);
        await PlainGit.DoAsync(other, "push", "--quiet", "origin", "HEAD:refs/heads/main");
    }

    private async Task CommitAsync(string text, string? folder = null) => await PlainGit.DoAsync(
        folder ?? Clone, "-c", "user.name=Ana", "-c", "user.email=ana@example.org", "commit", "--quiet", "--allow-empty", "-m", text);
}
