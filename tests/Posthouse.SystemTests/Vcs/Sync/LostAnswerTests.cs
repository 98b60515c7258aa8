namespace Posthouse.SystemTests.Vcs.Sync;

/// <summary>The train enters a tunnel when the lock has been taken and its answer is on the way.</summary>
public sealed class LostAnswerTests : IDisposable
{
    private readonly Stage _stage = new();
    private readonly Person _john;
    private readonly string _server;

    public LostAnswerTests()
    {
        _john = new Person(_stage, "john", "John", "laptop");
        _server = Path.Combine(_stage.Root, "song.git");
    }

    /// <summary>While this file is there, a lock's push arrives, its answer does not, and then the line is dead.</summary>
    private string Tunnel => Path.Combine(_stage.Root, "tunnel");

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_lock_that_may_have_been_taken_is_never_called_queued_only_and_a_release_gives_it_back()
    {
        await BeginAsync();
        (await _john.RunAsync("posthouse lock acquire song.txt")).Exit.ShouldBe(11);
        (await _john.RunAsync("posthouse lock release song.txt --offline")).Exit.ShouldBe(10);
        File.Delete(Tunnel);

        var (exit, output) = await _john.RunAsync("posthouse queue sync");

        exit.ShouldBe(0, output);
        (await _john.DoAsync("posthouse lock status song.txt")).ShouldContain("Unlocked");
    }

    [Fact]
    public async Task Nothing_that_may_have_been_done_is_forgotten_because_nothing_was_to_be_queued()
    {
        await BeginAsync();
        (await _john.RunAsync("posthouse lock acquire song.txt --no-queue")).Exit.ShouldBe(11);
        File.Delete(Tunnel);
        (await _john.DoAsync("posthouse queue sync")).ShouldContain("Succeeded: 1");
    }

    [Fact]
    public async Task An_acquire_whose_answer_was_lost_succeeds_though_the_branch_moved_on()
    {
        await BeginAsync();
        (await _john.RunAsync("posthouse lock acquire song.txt")).Exit.ShouldBe(11);
        File.Delete(Tunnel);
        var ben = new Person(_stage, "ben", "Ben", "studio");
        await ben.DoAsync($"git clone -q '{_server}' Song && cd Song && echo other > other.txt && git add -A && git commit -qm Other && git push -q");

        var (exit, output) = await _john.RunAsync("posthouse queue sync");

        exit.ShouldBe(0, output);
        (await _john.DoAsync("posthouse lock status song.txt")).ShouldContain("You own this lock");
    }

    [Fact]
    public async Task A_push_that_arrived_without_an_answer_is_done_though_its_lock_was_broken_and_others_went_on_after_it()
    {
        await BeginAsync();
        File.Delete(Tunnel);
        await _john.DoAsync("posthouse lock acquire song.txt");
        await File.WriteAllTextAsync(Tunnel, "");
        (await _john.RunAsync("echo two > song.txt && git commit -qam Two && posthouse push")).Exit.ShouldBe(11);
        File.Delete(Tunnel);
        var ben = new Person(_stage, "ben", "Ben", "studio");
        await ben.DoAsync($"git clone -q '{_server}' Song");
        await ben.DoAsync("cd Song");
        var id = (await ben.DoAsync("posthouse lock status song.txt --json | sed -n 's/.*\"lock_id\": \"\\([0-9a-f]*\\)\".*/\\1/p' | head -n 1")).Trim();
        await ben.DoAsync($"posthouse lock break song.txt --force --lock-id {id}");
        await ben.DoAsync("echo other > other.txt && git add -A && git commit -qm Other && git push -q");

        var (exit, output) = await _john.RunAsync("posthouse queue sync");

        exit.ShouldBe(0, output);
        (await _john.RunAsync("posthouse lock status song.txt --cached")).Output.ShouldContain("LOST");
    }

    private async Task BeginAsync()
    {
        await _john.DoAsync($"git init -q --bare '{_server}' && git clone -q '{_server}' song");
        await _john.DoAsync("cd song");
        await _john.DoAsync("echo one > song.txt && git add -A && git commit -qm One && git push -q");
        var git = Path.Combine(_stage.Programs, "git");
        var real = (await _john.DoAsync("command -v git")).Trim();
        await File.WriteAllTextAsync(git, $"""
            #!/bin/sh
            case " $* " in *" push "*|*" fetch "*|*" ls-remote "*) ;; *) exec '{real}' "$@" ;; esac
            [ -e '{Tunnel}' ] || exec '{real}' "$@"
            if [ ! -s '{Tunnel}' ]; then
                case "$*" in *push*refs/posthouse/locks*) ;; *) exec '{real}' "$@" ;; esac
                '{real}' "$@" >/dev/null 2>&1
                echo dead > '{Tunnel}'
                echo 'fatal: the remote end hung up unexpectedly' >&2
                exit 128
            fi
            echo "fatal: unable to access 'https://far/': Could not resolve host: far" >&2
            exit 128
            """);
        Stage.MakeProgram(git);
        await File.WriteAllTextAsync(Tunnel, "");
    }
}
