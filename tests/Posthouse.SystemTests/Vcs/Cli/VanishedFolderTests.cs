namespace Posthouse.SystemTests.Vcs.Cli;

/// <summary>A remote that is a folder of a share or a disk, which is not always there.</summary>
[Collection(OnePocket.Name)]
public sealed class VanishedFolderTests : IDisposable
{
    private readonly VerbStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Theory]
    [InlineData("00:10:00")] // However long sights are believed, a folder is looked at each time.
    [InlineData("00:00:00")]
    public async Task One_that_worked_before_is_away_and_what_is_wanted_waits(string believed)
    {
        string[] set = ["--set", "Network:ProbeInterval=" + believed];
        (await _stage.Ann.RunAsync(["lock", "acquire", "other.txt", .. set])).Exit.ShouldBe(0);
        _stage.GoOffline();
        _stage.Ann.Commit("mix.txt", "two");
        var taken = await _stage.Ann.RunAsync(["lock", "acquire", "--json", .. set]);
        var pushed = await _stage.Ann.RunAsync(["push", "--json", .. set]);
        var status = await _stage.Ann.RunAsync(["lock", "status", "--json", .. set]);
        _stage.GoOnline();
        var sent = await _stage.Ann.RunAsync("lock", "status", "--json");

        (taken.Exit, taken.Status, pushed.Exit, pushed.Status).ShouldBe((10, "queued", 10, "queued"), taken.Output + pushed.Output);
        taken.Data.GetProperty("attempts").GetInt32().ShouldBe(0, "nothing is tried, and so nothing again, where plainly nothing is");
        status.Data.GetProperty("source").GetString().ShouldBe("cached");
        sent.Status.ShouldBe("held", sent.Output);
    }

    [Fact]
    public async Task One_that_is_away_is_so_for_those_who_look_too()
    {
        _stage.GoOffline();
        var check = await _stage.Ann.RunAsync("remote", "check", "--json");
        var doctor = await _stage.Ann.RunAsync("doctor", "--look-only");

        (check.Exit, check.Code).ShouldBe((5, "NETWORK_UNAVAILABLE"), check.Output);
        doctor.Exit.ShouldBe(0, doctor.Output);
        doctor.Output.ShouldContain("remote: The remote's folder is not there now.");
    }

    [Fact]
    public async Task One_that_never_worked_is_no_repository()
    {
        VerbStage.Git(_stage.Ann.Folder, "remote", "add", "nas", _stage.Remote + "-misspelled");
        var taken = await _stage.Ann.RunAsync("lock", "acquire", "--remote", "nas", "--json");

        (taken.Exit, taken.Code).ShouldBe((6, "REPOSITORY_NOT_FOUND"));
        (await _stage.Ann.RunAsync("lock", "status", "--remote", "nas", "--json")).Code.ShouldBe("REPOSITORY_NOT_FOUND");
    }
}
