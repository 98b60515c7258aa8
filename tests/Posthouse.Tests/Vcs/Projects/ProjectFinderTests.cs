using Posthouse.Tests.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Projects;

namespace Posthouse.Tests.Vcs.Projects;

public sealed class ProjectFinderTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("song")]
    [InlineData("Größe ünd \"Klang\" 音楽")]
    public async Task A_project_is_found_from_any_folder_in_it_with_two_calls(string name)
    {
        var root = await CloneAsync(name);
        var below = Directory.CreateDirectory(Path.Combine(root, "Audio Files", "takes")).FullName;
        var git = new PlainGit();

        var project = await ProjectFinder.FindAsync(git, below, "origin", TestContext.Current.CancellationToken);

        project.Root.ShouldBe(root);
        project.GitFolder.ShouldBe(Path.Combine(root, ".git"));
        project.Name.ShouldBe(name);
        project.PushUrl.ShouldBe("https://git.example/song.git");
        project.CloneId.Length.ShouldBe(16);
        git.Calls.ShouldBe(2);
        (await ProjectFinder.FindAsync(git, root, "origin", TestContext.Current.CancellationToken)).ShouldBe(project);
    }

    [Fact]
    public async Task A_second_work_tree_is_the_same_clone()
    {
        var root = await CloneAsync("song");
        await PlainGit.DoAsync(root, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "one");
        await PlainGit.DoAsync(root, "worktree", "add", "-q", "--detach", _temp.File("other"));

        var first = await FindAsync(root);
        var second = await FindAsync(_temp.File("other"));

        second.Root.ShouldBe(_temp.File("other"));
        second.GitFolder.ShouldBe(first.GitFolder);
        second.CloneId.ShouldBe(first.CloneId);
    }

    [Fact]
    public async Task A_submodule_is_a_project_of_its_own()
    {
        var inner = await CloneAsync("samples");
        await PlainGit.DoAsync(inner, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "one");
        var outer = await CloneAsync("song");
        await PlainGit.DoAsync(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "samples");

        var project = await FindAsync(Path.Combine(outer, "samples"));

        project.Root.ShouldBe(Path.Combine(outer, "samples"));
        project.PushUrl.ShouldBe(inner);
        project.CloneId.ShouldNotBe((await FindAsync(outer)).CloneId);
    }

    [Fact]
    public async Task Where_no_project_is_the_message_says_how_to_make_one()
    {
        var failure = await Should.ThrowAsync<PosthouseException>(FindAsync(_temp.Path));

        failure.Code.ShouldBe(VcsErrors.NotAProject);
        failure.Message.ShouldContain("posthouse init");
        (await Should.ThrowAsync<PosthouseException>(FindAsync(_temp.File("gone")))).Code.ShouldBe(VcsErrors.NotAProject);
    }

    [Fact]
    public async Task A_bare_repository_and_Gits_own_folder_are_no_projects()
    {
        var root = await CloneAsync("song");
        await PlainGit.DoAsync(_temp.Path, "init", "-q", "--bare", "server.git");

        (await Should.ThrowAsync<PosthouseException>(FindAsync(_temp.File("server.git")))).Message.ShouldContain("bare repository");
        (await Should.ThrowAsync<PosthouseException>(FindAsync(Path.Combine(root, ".git")))).Message.ShouldContain("inside Git's own folder");
    }

    [Fact]
    public async Task A_missing_remote_is_named_with_those_that_are_there()
    {
        var root = await CloneAsync("song");

        var other = await Should.ThrowAsync<PosthouseException>(ProjectFinder.FindAsync(new PlainGit(), root, "studio", TestContext.Current.CancellationToken));
        await PlainGit.DoAsync(root, "remote", "remove", "origin");
        var none = await Should.ThrowAsync<PosthouseException>(FindAsync(root));

        other.Code.ShouldBe(VcsErrors.NoRemote);
        other.Message.ShouldContain("it has origin");
        none.Code.ShouldBe(VcsErrors.NoRemote);
        none.Message.ShouldContain("posthouse remote add origin URL");
    }

    [Fact]
    public async Task A_lock_is_kept_at_one_push_address_only()
    {
        var root = await CloneAsync("song");
        await PlainGit.DoAsync(root, "remote", "set-url", "--push", "--add", "origin", "https://one.example/song.git");
        (await FindAsync(root)).PushUrl.ShouldBe("https://one.example/song.git");

        await PlainGit.DoAsync(root, "remote", "set-url", "--push", "--add", "origin", "https://two.example/song.git");

        (await Should.ThrowAsync<PosthouseException>(FindAsync(root))).Code.ShouldBe(VcsErrors.RemoteUnsupported);
    }

    [Fact]
    public async Task The_owner_is_who_Git_would_put_into_a_commit_and_else_the_systems_user()
    {
        var root = await CloneAsync("song");
        var nobody = await Owner.OfAsync(new PlainGit(), root, "c", "m", TestContext.Current.CancellationToken);
        await PlainGit.DoAsync(root, "config", "user.name", "Ana <3 Pérez");
        await PlainGit.DoAsync(root, "config", "user.email", "ana@example.org");
        var ana = await Owner.OfAsync(new PlainGit(), root, "c", "m", TestContext.Current.CancellationToken);

        nobody.Name.ShouldNotBeEmpty();
        ana.Email.ShouldBe("ana@example.org");
        ana.Name.ShouldStartWith("Ana");
        ana.Shown.ShouldBe($"{Environment.GetEnvironmentVariable("LOGNAME") ?? Environment.UserName}@{Environment.MachineName}");
        ana.IsSame(nobody).ShouldBeTrue();
    }

    private static Task<Project> FindAsync(string folder) => ProjectFinder.FindAsync(new PlainGit(), folder, "origin", TestContext.Current.CancellationToken);

    private async Task<string> CloneAsync(string name)
    {
        var root = Directory.CreateDirectory(_temp.File(name)).FullName;
        await PlainGit.DoAsync(root, "init", "-q");
        await PlainGit.DoAsync(root, "remote", "add", "origin", "https://git.example/song.git");
        return root;
    }
}
