using System.Diagnostics;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Vcs.Cli;

[Collection(OnePocket.Name)]
public sealed class HeartbeatProcessTests : IDisposable
{
    private readonly VerbStage _stage = new();

    private Person Ann => _stage.Ann;

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_lock_is_renewed_by_a_process_of_its_own_until_it_is_released()
    {
        var taken = await RunAsync("lock", "acquire", "--heartbeat", "--timeout", "6s", "--json");
        taken.Exit.ShouldBe(0, taken.Error);
        await VerbStage.UntilAsync(async () => (await Beats()).TryGetProperty("renewed_at", out _), "nobody renewed it");
        var running = (await Ann.RunAsync("lock", "heartbeat", "status", "--json")).Status;
        (await Ann.RunAsync("lock", "release")).Exit.ShouldBe(0);

        running.ShouldBe("running");
        await VerbStage.UntilAsync(async () => !(await Ann.RunAsync("lock", "heartbeat", "status", "--json")).Data.GetProperty("is_running").GetBoolean(), "the process did not end");
    }

    [Fact]
    public async Task A_lock_that_was_broken_stops_it_and_is_told_as_lost()
    {
        var id = (await RunAsync("lock", "acquire", "--heartbeat", "--timeout", "3s", "--json")).Data.GetProperty("lock").GetProperty("lock_id").GetString()!;
        (await _stage.Bob.RunAsync("lock", "break", "--force", "--lock-id", id)).Exit.ShouldBe(0);
        await VerbStage.UntilAsync(async () => (await Ann.RunAsync("lock", "status", "--cached", "--json")).Status == "lost", "the loss was never noticed");

        (await Ann.RunAsync("push", "--json")).Code.ShouldBe("LOCK_LOST");
        await VerbStage.UntilAsync(async () => (await Ann.RunAsync("lock", "heartbeat", "status", "--json")).Status == "none", "it goes on");
    }

    [Fact]
    public async Task It_ends_with_the_process_that_it_watches()
    {
        // It reads from a pipe that nobody writes to.
        using var watched = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true })!;
        await Ann.RunAsync("lock", "acquire", "--timeout", "6s");
        var started = await RunAsync("lock", "heartbeat", "start", "--interval", "1s", "--pid", watched.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), "--json");
        started.Exit.ShouldBe(0, started.Error);
        watched.Kill();

        await VerbStage.UntilAsync(async () => (await Ann.RunAsync("lock", "heartbeat", "status", "--json")).Status == "none", "it goes on");
    }

    [Fact]
    public async Task It_is_stopped_by_a_word_and_the_lock_stays()
    {
        await RunAsync("lock", "acquire", "--heartbeat", "--json");
        var stopped = await Ann.RunAsync("lock", "heartbeat", "stop", "--json");
        var again = await Ann.RunAsync("lock", "heartbeat", "stop", "--json");

        (stopped.Status, again.Status).ShouldBe(("stopped", "not_running"));
        (await Ann.RunAsync("lock", "status", "--json")).Status.ShouldBe("held");
    }

    private async Task<System.Text.Json.JsonElement> Beats() =>
        (await Ann.RunAsync("lock", "heartbeat", "status", "--json")).Data.GetProperty("heartbeats").EnumerateArray().Single();

    /// <summary>The program itself: what it starts in the background is itself once more.</summary>
    private async Task<Said> RunAsync(params string[] words)
    {
        var (exit, output, error) = await PosthouseProcess.RunAsync(Ann.Home, [.. words, "-C", Ann.Folder]);
        return new Said(exit, output, error);
    }
}
