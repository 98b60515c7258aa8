using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Vcs.Cli;

[Collection(OnePocket.Name)]
public sealed class HoldTests : IDisposable
{
    private readonly VerbStage _stage = new();

    private Person Ann => _stage.Ann;

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task The_commands_exit_code_is_the_verbs_and_the_lock_is_given_back()
    {
        var (exit, output, _) = await RunAsync("lock", "hold", "mix.txt", "-C", Ann.Folder, "--", "bash", "-c", "echo within; exit 7");

        (exit, output.Trim()).ShouldBe((7, "within"));
        (await Ann.RunAsync("lock", "status", "mix.txt", "--json")).Status.ShouldBe("released");
    }

    [Fact]
    public async Task A_lock_that_was_taken_before_outlives_the_command_unless_told()
    {
        await Ann.RunAsync("lock", "acquire", "mix.txt");
        var (exit, _, error) = await RunAsync("lock", "hold", "mix.txt", "-C", Ann.Folder, "--", "true");
        var kept = (await Ann.RunAsync("lock", "status", "mix.txt", "--json")).Data.GetProperty("lock");
        var released = await RunAsync("lock", "hold", "mix.txt", "--release", "-C", Ann.Folder, "--", "true");

        (exit, kept.GetProperty("state").GetString(), kept.TryGetProperty("heartbeat_s", out _)).ShouldBe((0, "held", false));
        error.ShouldContain("stays yours: 'posthouse lock release \"mix.txt\"' gives it back");
        released.Exit.ShouldBe(0);
        (await Ann.RunAsync("lock", "status", "mix.txt", "--json")).Status.ShouldBe("released");
    }

    [Fact]
    public async Task With_json_standard_output_is_one_document()
    {
        var (exit, output, error) = await RunAsync("lock", "hold", "-C", Ann.Folder, "--json", "--", "echo", "within");
        var said = new Said(exit, output, error);

        (said.Exit, said.Data.GetProperty("child_exit_code").GetInt32()).ShouldBe((0, 0));
        said.Data.GetProperty("lock").GetProperty("state").GetString().ShouldBe("released");
        error.ShouldContain("within");
    }

    [Fact]
    public async Task Without_a_network_at_the_end_it_is_queued_that_the_lock_is_given_back()
    {
        var (exit, output, _) = await RunAsync("lock", "hold", "mix.txt", "-C", Ann.Folder, "--", "mv", _stage.Remote, _stage.Remote + ".away");
        _stage.GoOnline();

        exit.ShouldBe(10);
        output.ShouldContain("Network is offline - operation queued\n\n  Queued: Release lock\n");
        (await Ann.RunAsync("lock", "status", "mix.txt", "--json")).Status.ShouldBe("released");
    }

    [Fact]
    public async Task A_command_that_is_not_there_ends_with_127_and_frees_the_lock()
    {
        var (exit, _, error) = await RunAsync("lock", "hold", "-C", Ann.Folder, "--", "no-such-command-here");

        exit.ShouldBe(127);
        error.ShouldContain("no-such-command-here: command not found\n");
        (await Ann.RunAsync("lock", "status", "--json")).Status.ShouldBe("released");
    }

    [Fact]
    public async Task What_asks_the_verb_to_end_asks_its_command_and_the_lock_is_given_back()
    {
        using var program = PosthouseProcess.Start(null, ["lock", "hold", "-C", Ann.Folder, "--", "bash", "-c", "trap 'exit 9' TERM; echo up; sleep 60 & wait"], Ann.Home);
        (await program.LineAsync()).ShouldBe("up");
        program.AskToEnd();

        (await program.ExitAsync()).ShouldBe(9);
        (await Ann.RunAsync("lock", "status", "--json")).Status.ShouldBe("released");
    }

    [Fact]
    public async Task A_lock_that_was_taken_meanwhile_is_told_as_lost()
    {
        var sign = Path.Combine(Ann.Home, "go on");
        using var program = PosthouseProcess.Start(null,
            ["lock", "hold", "-C", Ann.Folder, "--timeout", "3s", "--", "bash", "-c", $"echo up; for try in $(seq 600); do [ -e '{sign}' ] && exit 0; sleep 0.1; done; exit 1"], Ann.Home);
        await program.LineAsync();
        var id = (await _stage.Bob.RunAsync("lock", "status", "--json")).Data.GetProperty("lock").GetProperty("lock_id").GetString()!;
        (await _stage.Bob.RunAsync("lock", "break", "--force", "--lock-id", id)).Exit.ShouldBe(0);
        await VerbStage.UntilAsync(async () => (await Ann.RunAsync("lock", "status", "--cached", "--json")).Status == "lost", "the loss was never noticed");
        File.WriteAllText(sign, "");

        (await program.ExitAsync()).ShouldBe(4);
        (await Ann.RunAsync("history")).Output.ShouldContain("LOST");
    }

    private Task<(int Exit, string Output, string Error)> RunAsync(params string[] words) => PosthouseProcess.RunAsync(Ann.Home, words);
}
