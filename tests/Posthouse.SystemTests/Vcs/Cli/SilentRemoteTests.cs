using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Posthouse.SystemTests.Vcs.Cli;

/// <summary>A remote whose port is open and that never says a word: the system takes the connections, and nobody reads them.</summary>
[Collection(OnePocket.Name)]
public sealed class SilentRemoteTests : IDisposable
{
    /// <summary>Beyond what is probed and started; Git itself would wait for 30 s.</summary>
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(15);

    private readonly VerbStage _stage = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public SilentRemoteTests()
    {
        _listener.Start(64);
        VerbStage.Git(_stage.Ann.Folder, "remote", "set-url", "origin", $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/song.git");
    }

    public void Dispose()
    {
        _listener.Dispose();
        _stage.Dispose();
    }

    [Fact]
    public async Task It_is_away_for_every_verb_within_the_time_of_one_look()
    {
        var began = Stopwatch.GetTimestamp();
        var taken = await Run("lock", "acquire", "--queue", "--json");
        var status = await Run("lock", "status", "--json");
        var pushed = await Run("push", "--queue", "--json");
        var check = await Run("remote", "check", "--json");
        var doctor = await Run("doctor", "--look-only");

        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(_soon);
        (taken.Exit, pushed.Exit).ShouldBe((10, 10), taken.Output + pushed.Output);
        status.Data.GetProperty("source").GetString().ShouldBe("cached");
        (check.Exit, check.Code).ShouldBe((5, "NETWORK_UNAVAILABLE"));
        (doctor.Exit, doctor.Output).ShouldSatisfyAllConditions(said => said.Exit.ShouldBe(0), said => said.Output.ShouldContain("remote: The remote did not answer in time"));
    }

    [Theory]
    [InlineData("lock", "status")]
    [InlineData("lock", "acquire")]
    public async Task One_that_fell_silent_after_it_was_reached_is_found_out_as_well(params string[] verb)
    {
        await using (var server = GitHttpServer.Start(Path.GetDirectoryName(_stage.Remote)!))
        {
            VerbStage.Git(_stage.Remote, "config", "http.receivepack", "true");
            VerbStage.Git(_stage.Ann.Folder, "remote", "set-url", "origin", server.Url(Path.GetFileName(_stage.Remote)));
            (await Run("lock", "acquire", "other.txt", "--json")).Exit.ShouldBe(0);
            (await Run("lock", "release", "other.txt", "--offline")).Exit.ShouldBe(10);
            server.Fault = _ => new GitHttpFault.Stall();
            var began = Stopwatch.GetTimestamp();
            var said = await Run([.. verb, "--json", "--set", "Network:ProbeInterval=01:00:00"]);

            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(_soon);
            said.Exit.ShouldBe(verb is [_, "status"] ? 0 : 10, said.Output + said.Error);
        }
    }

    [Fact]
    public async Task A_deadline_is_that_of_the_whole_verb()
    {
        (await Run("lock", "acquire", "other.txt", "--offline")).Exit.ShouldBe(10);
        string[] patient = ["--set", "Network:ProbeTimeout=00:01:00", "--deadline", "1s", "--queue", "--json"];
        var began = Stopwatch.GetTimestamp();
        var pushed = await _stage.Ann.RunAsync(["push", .. patient]);
        var status = await _stage.Ann.RunAsync(["lock", "list", .. patient]);

        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(_soon);
        (pushed.Exit, pushed.Status).ShouldBe((10, "queued"), pushed.Output + pushed.Error);
        status.Data.GetProperty("source").GetString().ShouldBe("cached");
    }

    private Task<Said> Run(params string[] words) => _stage.Ann.RunAsync([.. words, "--set", "Network:ProbeTimeout=00:00:01"]);
}
