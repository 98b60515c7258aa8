using Posthouse.Vcs;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.SystemTests.Vcs.Transfer;

/// <summary>Against a script that plays <c>oxen</c>: how it is called, and what is made of its end.</summary>
public sealed class OxenRemoteTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-oxen-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_push_is_one_run_and_its_exit_code_decides()
    {
        (await Remote("exit 0").PushAsync(new PushRequest("main", "c1"), default)).ShouldBe(new PushOutcome.Pushed(null, null, false));
        (await File.ReadAllTextAsync(Path.Combine(_folder, "calls"))).ShouldBe("push origin main\n");
    }

    [Theory]
    [InlineData("error sending request for url (https://hub.example.org/api): connection refused", FailureCategory.Network)]
    [InlineData("Error: tcp connect error: Connection refused (os error 111)", FailureCategory.Network)]
    [InlineData("Remote is ahead of local, must pull first", FailureCategory.Diverged)]
    [InlineData("Unauthorized", FailureCategory.Auth)]
    [InlineData("Could not read takes/unauthorized/dns error.wav", FailureCategory.Unknown)]
    public async Task Its_sentences_tell_failures_apart_and_names_do_not(string said, FailureCategory category)
    {
        var outcome = await Remote($"echo '{said}' >&2; exit 1").PushAsync(new PushRequest("main", "c1"), default);
        outcome.ShouldBeOfType<PushOutcome.Failed>().Failure.Category.ShouldBe(category);
    }

    [Fact]
    public async Task A_pull_tells_from_where_to_where()
    {
        var remote = Remote("if [ $1 = log ]; then echo \"commit $(cat head)\"; echo; echo 'Author: ana'; else echo c2 > head; fi");
        await File.WriteAllTextAsync(Path.Combine(_folder, "head"), "c1");
        (await remote.PullAsync(new PullRequest("main", PullMode.FastForwardOnly), default)).ShouldBe(new PullOutcome.Pulled("c1", "c2", 0));
        (await remote.PullAsync(new PullRequest("main", PullMode.FastForwardOnly), default)).ShouldBeOfType<PullOutcome.UpToDate>();
    }

    [Fact]
    public async Task What_oxen_cannot_do_is_said_and_a_missing_program_too()
    {
        (await Remote("exit 0").PushAsync(new PushRequest("main", "c1") { ForceWithLease = "c0" }, default)).ShouldBeOfType<PushOutcome.Failed>().Failure.Code.ShouldBe(VcsErrors.RemoteUnsupported);
        (await Remote("exit 0").PullAsync(new PullRequest("main", PullMode.Rebase), default)).ShouldBeOfType<PullOutcome.Failed>().Failure.Code.ShouldBe(VcsErrors.RemoteUnsupported);
        var none = new OxenRemote(new OxenProgram(Path.Combine(_folder, "none")), Workshop.Git, Project(), TimeProvider.System);
        (await none.PushAsync(new PushRequest("main", "c1"), default)).ShouldBeOfType<PushOutcome.Failed>().Failure.Category.ShouldBe(FailureCategory.Local);
    }

    private OxenRemote Remote(string script)
    {
        var file = Path.Combine(_folder, "oxen");
        Workshop.WriteScript(file, $"echo \"$@\" >> calls\n{script}");
        return new OxenRemote(new OxenProgram(file), Workshop.Git, Project(), TimeProvider.System);
    }

    private Project Project() => new(_folder, _folder, "0123456789abcdef", "origin", "https://hub.example.org/ana/song");
}
