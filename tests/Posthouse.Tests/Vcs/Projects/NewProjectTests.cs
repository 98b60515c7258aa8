using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Tests.Storage;
using Posthouse.Vcs.Projects;

namespace Posthouse.Tests.Vcs.Projects;

public sealed class NewProjectTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_Logic_project_is_recognised_and_its_by_products_are_not_shared()
    {
        Make("My Song.logicx/Alternatives/000/ProjectData", "My Song.logicx/Alternatives/000/Undo Data.nosync/1", "Bounces/mix.wav", "Freeze Files.nosync/1", "Audio Files/take.wav");

        var (exit, output, error) = await InitAsync("--yes");

        (exit, error).ShouldBe((0, ""));
        output.ShouldContain("Logic Pro: My Song.logicx");
        output.ShouldContain("posthouse lock acquire \"My Song.logicx\"");
        await PlainGit.DoAsync(_temp.Path, "add", "-A");
        var shared = await PlainGit.DoAsync(_temp.Path, "ls-files");
        shared.ShouldContain("My Song.logicx/Alternatives/000/ProjectData");
        shared.ShouldContain("Audio Files/take.wav");
        shared.ShouldContain(".posthouse/config.json");
        shared.ShouldNotContain("Bounces");
        shared.ShouldNotContain(".nosync");
        (await PlainGit.DoAsync(_temp.Path, "check-attr", "merge", "My Song.logicx/Alternatives/000/ProjectData")).ShouldEndWith("merge: unset");
        (await PlainGit.DoAsync(_temp.Path, "check-attr", "diff", "Audio Files/take.wav")).ShouldEndWith("diff: unset");
    }

    [Fact]
    public async Task Without_a_yes_rules_are_only_proposed()
    {
        Make("set.als");

        var (_, output, _) = await InitAsync();

        output.ShouldContain("Ableton Live: set.als");
        output.ShouldContain("'posthouse init --yes' adds them");
        File.Exists(_temp.File(".gitignore")).ShouldBeFalse();
        (await InitAsync("--json")).Output.ShouldContain("\"added\": false");
    }

    [Fact]
    public async Task What_is_there_stays_as_it_is()
    {
        await PlainGit.DoAsync(_temp.Path, "init", "-q");
        await PlainGit.DoAsync(_temp.Path, "remote", "add", "origin", "https://git.example/song.git");
        Make("Song.logicx/x", ".posthouse/config.json");
        File.WriteAllText(_temp.File(".posthouse/config.json"), "{ }");
        File.WriteAllText(_temp.File(".gitignore"), "# mine\r\nBounces/\r\n/Autosave");
        File.WriteAllText(_temp.File(".gitattributes"), "*.wav filter=lfs diff=lfs merge=lfs -text\n");

        var (exit, output, _) = await InitAsync("--yes", "--remote", "https://git.example/song.git");
        var again = await InitAsync("--yes");
        var other = await InitAsync("--remote", "https://other.example/song.git");

        exit.ShouldBe(0);
        output.ShouldContain("Using the Git repository in");
        File.ReadAllText(_temp.File(".posthouse/config.json")).ShouldBe("{ }");
        var ignored = File.ReadAllText(_temp.File(".gitignore"));
        ignored.ShouldStartWith("# mine\r\nBounces/\r\n/Autosave\r\n\r\n# Logic Pro");
        ignored.Split("Bounces").Length.ShouldBe(2);
        ignored.Split("Autosave").Length.ShouldBe(2);
        File.ReadAllText(_temp.File(".gitattributes")).ShouldNotContain("*.wav binary");
        again.Output.ShouldNotContain("rule(s)");
        other.Exit.ShouldBe(2);
        other.Error.ShouldContain("is https://git.example/song.git already");
        (await PlainGit.DoAsync(_temp.Path, "remote", "get-url", "origin")).ShouldBe("https://git.example/song.git");
    }

    [Theory]
    [InlineData("gone.logicx", "is no Logic Pro project")]
    [InlineData("..", "is no Logic Pro project")]
    public async Task What_is_no_Logic_project_is_refused_before_anything_is_made(string path, string message)
    {
        var (exit, _, error) = await InitAsync("--logic", path);

        exit.ShouldBe(2);
        error.ShouldContain(message);
        Directory.Exists(_temp.File(".git")).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_no_address_is_refused_before_anything_is_made()
    {
        var (exit, _, error) = await InitAsync("--remote", "-x", "--yes");

        exit.ShouldBe(2);
        error.ShouldContain("begins with a dash");
        Directory.EnumerateFileSystemEntries(_temp.Path).ShouldBeEmpty();
    }

    [Fact]
    public void A_package_is_a_project_by_itself()
    {
        Make("A.logicx/ProjectData", "Film.fcpbundle/x", "sub/Session.ptx", "sub/deep/Hidden.ptx");

        ProjectKind.In(_temp.Path).Select(one => one.Path).ShouldBe(["A.logicx", "Film.fcpbundle", "sub/Session.ptx"]);
        ProjectKind.In(_temp.File("A.logicx")).Single().Path.ShouldBe(".");
    }

    private void Make(params string[] files)
    {
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_temp.File(file))!);
            File.WriteAllText(_temp.File(file), "x");
        }
    }

    private async Task<(int Exit, string Output, string Error)> InitAsync(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), ["init", "-C", _temp.Path, .. words], output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
