using System.Globalization;
using System.Text.Json;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Vcs.Cli;

/// <summary>Verbs that wait for somebody else's lock, look on, or are ended while they do.</summary>
[Collection(OnePocket.Name)]
public sealed class WaitingTests : IDisposable
{
    private const int Interrupted = 130;
    private const int Terminated = 143;

    private readonly VerbStage _stage = new();

    private Person Ann => _stage.Ann;

    private Person Bob => _stage.Bob;

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task Who_waits_for_a_lock_gets_it_when_its_holder_gives_it_back()
    {
        await Bob.RunAsync("lock", "acquire");
        using var waiting = Start("lock", "acquire", "--wait", "60s", "--json");
        await SawTheHolderAsync();
        (await Bob.RunAsync("lock", "release")).Exit.ShouldBe(0);

        var (exit, output, error) = await waiting.EndAsync();

        exit.ShouldBe(0, output + error);
        new Said(exit, output, error).Status.ShouldBe("acquired");
        error.ShouldContain("waiting (Ctrl+C ends it)");
    }

    [Fact]
    public async Task A_wait_that_is_over_is_the_conflict_that_it_would_have_been_at_once()
    {
        await Bob.RunAsync("lock", "acquire");

        var said = await Ann.RunAsync("lock", "acquire", "--wait", "1s", "--json");

        (said.Exit, said.Code).ShouldBe((4, "LOCK_CONFLICT"));
        (await Ann.LineAsync("queue", "list", "--state", "open", "--json")).Output.ShouldNotContain("acquire-");
    }

    [Fact]
    public async Task An_acquire_that_waits_in_the_queue_looks_again_until_the_lock_is_free()
    {
        await Bob.RunAsync("lock", "acquire");
        var queued = await Ann.RunAsync("lock", "acquire", "--on-conflict", "wait", "--deadline", "2s", "--json");
        queued.Exit.ShouldBe(10, queued.Output + queued.Error);
        var due = queued.Data.GetProperty("not_before").GetDateTimeOffset();
        await Bob.RunAsync("lock", "release");

        var (exit, output, error) = await PosthouseProcess.RunAsync(Ann.Home, ["queue", "sync", "--all-projects", "--wait", "--max-time", "60"]);

        exit.ShouldBe(0, output + error);
        DateTimeOffset.UtcNow.ShouldBeGreaterThanOrEqualTo(due);
        (await Bob.RunAsync("lock", "status", "--json")).Data.GetProperty("lock").GetProperty("holder").GetProperty("name").GetString().ShouldBe("ann");
    }

    [Theory]
    [InlineData(false, Interrupted)]
    [InlineData(true, Terminated)]
    public async Task A_verb_that_is_ended_says_by_which_signal(bool bySupervisor, int code)
    {
        await Bob.RunAsync("lock", "acquire");
        using var waiting = Start("lock", "acquire", "--wait", "60s", "--json");
        await SawTheHolderAsync();
        if (bySupervisor) { waiting.AskToEnd(); } else { waiting.Interrupt(); }

        var (exit, output, error) = await waiting.EndAsync();

        exit.ShouldBe(code, output + error);
        new Said(exit, output, error).Status.ShouldBe("interrupted");
        new Said(exit, output, error).Code.ShouldBe("CANCELLED");
    }

    [Fact]
    public async Task Who_watches_gets_a_line_after_each_change_until_the_watch_is_ended()
    {
        using var watching = Start("lock", "status", "--watch", "--json");
        var before = Line(await watching.LineAsync());
        await Bob.RunAsync("lock", "acquire", "-m", "strings");
        var after = Line(await watching.LineAsync());
        watching.Interrupt();
        var (exit, rest, error) = await watching.EndAsync();

        (before.GetProperty("status").GetString(), after.GetProperty("status").GetString()).ShouldBe(("released", "held"));
        after.GetProperty("data").GetProperty("lock").GetProperty("message").GetString().ShouldBe("strings");
        (exit, rest).ShouldBe((Interrupted, ""), error);
    }

    [Fact]
    public async Task A_holder_that_is_killed_renews_no_more_and_its_lock_stays_until_it_expires()
    {
        // It ends when nobody holds the other end of its input any more.
        using var holder = Start("lock", "hold", "--timeout", "6s", "--", "bash", "-c", "echo up; exec cat");
        (await holder.LineAsync()).ShouldBe("up");
        await VerbStage.UntilAsync(async () => (await SeqAsync()) > 1, "it is not renewed");
        holder.Kill();
        var left = await Bob.RunAsync("lock", "status", "--json");
        var seq = await SeqAsync();

        await VerbStage.UntilAsync(async () => (await Bob.RunAsync("lock", "status", "--json")).Status == "expired", "somebody renews it");

        left.Status.ShouldBeOneOf("held", "expired"); // On a busy machine looking takes as long as the lease.
        (await SeqAsync()).ShouldBe(seq);
        (await Bob.RunAsync("lock", "acquire", "--json")).Code.ShouldBe("LOCK_CONFLICT", "it is taken over no sooner than the rules about clocks allow");
    }

    private PosthouseProcess Start(params string[] words)
    {
        var end = Array.IndexOf(words, "--");
        string[] line = end < 0 ? [.. words, "-C", Ann.Folder] : [.. words[..end], "-C", Ann.Folder, .. words[end..]];
        return PosthouseProcess.Start(null, line, Ann.Home);
    }

    /// <summary>The program has looked at the lock, for it remembers that it did.</summary>
    private Task SawTheHolderAsync() =>
        VerbStage.UntilAsync(async () => (await Ann.RunAsync("lock", "status", "--cached", "--json")).Status == "held", "it never looked");

    /// <summary>How often the record of the only lock was written.</summary>
    private Task<int> SeqAsync()
    {
        var name = VerbStage.Git(_stage.Remote, "for-each-ref", "--format=%(refname)", "refs/posthouse/locks/");
        return Task.FromResult(int.Parse(VerbStage.Git(_stage.Remote, "rev-list", "--count", name), CultureInfo.InvariantCulture));
    }

    private static JsonElement Line(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
