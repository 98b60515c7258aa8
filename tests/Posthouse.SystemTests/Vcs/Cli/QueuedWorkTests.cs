using System.Globalization;
using System.Text.Json;

namespace Posthouse.SystemTests.Vcs.Cli;

/// <summary>What becomes of operations that a verb had to leave to the queue.</summary>
[Collection(OnePocket.Name)]
public sealed class QueuedWorkTests : IDisposable
{
    private readonly VerbStage _stage = new();

    private Person Ann => _stage.Ann;

    private Person Bob => _stage.Bob;

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_remote_that_asks_for_an_hour_gets_it_and_the_operation_says_when_it_goes()
    {
        await using var server = Serve();
        server.Fault = _ => new GitHttpFault.Answer(429, "3600");
        var first = await Ann.RunAsync("lock", "acquire", "--json");
        var asked = server.Requests.Count;
        var second = await Ann.RunAsync("lock", "acquire", "other", "--json");

        (first.Exit, first.Status, first.Data.GetProperty("attempts").GetInt32()).ShouldBe((10, "queued", 1));
        (first.Data.GetProperty("not_before").GetDateTimeOffset() - DateTimeOffset.UtcNow).TotalMinutes.ShouldBeInRange(58, 60.1);
        (second.Exit, second.Status, second.Data.GetProperty("attempts").GetInt32()).ShouldBe((10, "queued", 0));
        (second.Data.GetProperty("not_before").GetDateTimeOffset() - DateTimeOffset.UtcNow).TotalMinutes.ShouldBeInRange(58, 60.1);
        server.Requests.Count.ShouldBe(asked, "it was left alone");
    }

    [Fact]
    public async Task An_outcome_that_nobody_knows_is_11_and_the_sync_finds_it_done_and_does_nothing_twice()
    {
        await using var server = Serve();
        var isCut = false;
        server.Fault = request =>
        {
            if (isCut) { return new GitHttpFault.Reset(); }
            isCut = request.IsPush;
            return isCut ? new GitHttpFault.DropAnswer() : null;
        };
        var said = await Ann.RunAsync("lock", "acquire", "--set", "Network:MaxRetries=2", "--json");
        server.Fault = null;
        var written = Records();
        var synced = await Ann.SyncAsync("--wait", "--json");

        (said.Exit, said.Status, said.Code).ShouldBe((11, "unknown", "OUTCOME_UNKNOWN"), said.Output + said.Error);
        (synced.Exit, synced.Status, Number(synced, "succeeded"), Number(synced, "remaining")).ShouldBe((0, "synced", 1, 0), synced.Output + synced.Error);
        (written, Records()).ShouldBe((1, 1));
        (await Ann.RunAsync("lock", "status", "--json")).Data.GetProperty("lock").GetProperty("is_mine").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_remark_that_was_written_offline_reaches_the_others_with_the_sync()
    {
        _stage.GoOffline();
        await Ann.RunAsync("comment", "add", "HEAD", "too loud");
        _stage.GoOnline();
        var synced = await Ann.SyncAsync();
        await Bob.RunAsync("comment", "sync");

        synced.Exit.ShouldBe(0, synced.Output + synced.Error);
        synced.Output.ShouldContain("  Succeeded: 1\n  Failed: 0\n");
        (await Bob.RunAsync("comment", "list", "HEAD")).Output.ShouldContain("too loud");
    }

    [Fact]
    public async Task An_acquire_that_waited_too_long_is_not_taken_any_more_and_what_needs_its_lock_says_so()
    {
        var acquire = await Ann.RunAsync("lock", "acquire", "--offline", "--max-queue-age", "1s", "--json");
        acquire.Exit.ShouldBe(10, acquire.Output);
        var before = VerbStage.Git(_stage.Remote, "rev-parse", "main");
        Ann.Commit("mix.txt", "two");
        await Ann.RunAsync("push", "--offline");
        var id = acquire.Data.GetProperty("entry_id").GetString()!;
        await VerbStage.UntilAsync(async () => Job(await Ann.LineAsync("queue", "show", id, "--json")).GetProperty("expires_at").GetDateTimeOffset() < DateTimeOffset.UtcNow, "it never expires");

        var synced = await Ann.SyncAsync("--json");

        (synced.Exit, synced.Status).ShouldBe((8, "failed"), synced.Output + synced.Error);
        (Number(synced, "succeeded"), Number(synced, "failed"), Number(synced, "remaining")).ShouldBe((0, 2, 0), synced.Output);
        // The push is not sent without the lock that it was to have.
        synced.Output.ShouldContain("LOCK_NOT_HELD");
        var expired = synced.Data.GetProperty("failures").EnumerateArray().Single(one => one.GetProperty("id").GetString() == id);
        (expired.GetProperty("code").GetString(), expired.GetProperty("remains_queued").GetBoolean()).ShouldBe(("EXPIRED", false));
        Job(await Ann.LineAsync("queue", "show", id, "--json")).GetProperty("reason").GetString().ShouldBe("expired");
        VerbStage.Git(_stage.Remote, "rev-parse", "main").ShouldBe(before);
        (await Ann.RunAsync("doctor", "--look-only")).Output.ShouldContain("queue: 1 failed, 0 waiting, the oldest queued ");
        (await Bob.RunAsync("lock", "status", "--json")).Status.ShouldBe("released", "it was never locked");
    }

    [Fact]
    public async Task An_acquire_that_waited_too_long_has_a_line_among_the_results()
    {
        var acquire = await Ann.RunAsync("lock", "acquire", "--offline", "--max-queue-age", "1s", "--json");
        var id = acquire.Data.GetProperty("entry_id").GetString()!;
        await VerbStage.UntilAsync(async () => Job(await Ann.LineAsync("queue", "show", id, "--json")).GetProperty("expires_at").GetDateTimeOffset() < DateTimeOffset.UtcNow, "it never expires");
        var synced = await Ann.SyncAsync();

        synced.Exit.ShouldBe(8);
        synced.Output.ShouldContain($"{id} - It waited longer than it may");
        synced.Output.ShouldContain("  Failed: 1");
        synced.Output.ShouldNotContain("successfully");
        synced.Output.ShouldNotContain("need a decision");
    }

    [Fact]
    public async Task A_sync_that_waits_outlives_a_server_that_is_busy()
    {
        await using var server = Serve();
        (await Ann.RunAsync("lock", "acquire", "--offline")).Exit.ShouldBe(10);
        var refused = 0;
        server.Fault = _ => Interlocked.Increment(ref refused) <= 2 ? new GitHttpFault.Answer(503) : null;

        var synced = await Ann.SyncAsync("--wait", "--max-time", "60", "--json");

        (synced.Exit, Number(synced, "succeeded"), Number(synced, "failed")).ShouldBe((0, 1, 0), synced.Output + synced.Error);
        refused.ShouldBeGreaterThan(2);
        Records().ShouldBe(1);
    }

    [Fact]
    public async Task A_sync_of_one_kind_sends_that_and_leaves_the_others()
    {
        _stage.GoOffline();
        await Ann.RunAsync("comment", "add", "HEAD", "too loud");
        await Ann.RunAsync("lock", "acquire");
        _stage.GoOnline();
        var synced = await Ann.SyncAsync("--only", "comments", "--json");

        (synced.Exit, Number(synced, "succeeded"), Number(synced, "remaining")).ShouldBe((0, 1, 0), synced.Output + synced.Error);
        VerbStage.Git(_stage.Remote, "for-each-ref", "refs/posthouse/locks/").ShouldBeEmpty();
        VerbStage.Git(_stage.Remote, "for-each-ref", "refs/posthouse/comments").ShouldNotBeEmpty();
        (await Ann.SyncAsync("--wait")).Exit.ShouldBe(0);
        Records().ShouldBe(1);
    }

    [Fact]
    public async Task A_lock_that_is_about_to_end_is_renewed_by_the_next_verb_where_that_is_wanted()
    {
        await Ann.RunAsync("lock", "acquire", "soon", "--timeout", "10m");
        await Ann.RunAsync("lock", "acquire", "later", "--timeout", "2h");
        await Ann.RunAsync("lock", "status", "soon", "--json");
        var unwanted = await SeqAsync("soon");
        var said = await Ann.RunAsync("lock", "status", "--set", "Locks:AutoRenew=true", "--json");

        unwanted.ShouldBe(1);
        said.Error.ShouldContain("Lock renewed, for it was about to end: soon until ");
        said.Error.ShouldNotContain("later until");
        (await SeqAsync("soon"), await SeqAsync("later")).ShouldBe((2, 1));
        await Ann.RunAsync("lock", "status", "--set", "Locks:AutoRenew=true", "--set", "Locks:RenewBefore=00:05:00");
        (await SeqAsync("soon")).ShouldBe(2, "there is more than that left");
        await Ann.RunAsync("lock", "release", "soon", "--set", "Locks:AutoRenew=true");
        (await SeqAsync("soon")).ShouldBe(3, "what is given back is not renewed first");
    }

    [Fact]
    public async Task A_lock_that_another_broke_is_not_renewed_but_told_as_lost()
    {
        var id = (await Ann.RunAsync("lock", "acquire", "--timeout", "10m", "--json")).Data.GetProperty("lock").GetProperty("lock_id").GetString()!;
        await Bob.RunAsync("lock", "break", "--force", "--lock-id", id);
        var pulled = await Ann.RunAsync("pull", "--set", "Locks:AutoRenew=true");

        pulled.Exit.ShouldBe(0, pulled.Error);
        pulled.Error.ShouldContain("LOST: the lock of ");
        (await Ann.RunAsync("history")).Output.ShouldContain("LOST");
    }

    /// <summary>The remote at an address of HTTP, for Ann.</summary>
    private GitHttpServer Serve()
    {
        var server = GitHttpServer.Start(Path.GetDirectoryName(_stage.Remote)!);
        VerbStage.Git(Ann.Folder, "remote", "set-url", "origin", server.Url(Path.GetFileName(_stage.Remote)));
        return server;
    }

    /// <summary>How often the record of the only lock was written.</summary>
    private int Records() => int.Parse(VerbStage.Git(_stage.Remote, "rev-list", "--count", "--glob=refs/posthouse/locks/*"), CultureInfo.InvariantCulture);

    private async Task<long> SeqAsync(string path) =>
        (await Bob.RunAsync("lock", "status", path, "--json")).Data.GetProperty("lock").GetProperty("seq").GetInt64();

    private static int Number(Said said, string name)
    {
        using var document = JsonDocument.Parse(said.Output);
        return document.RootElement.GetProperty("data").GetProperty(name).GetInt32();
    }

    private static JsonElement Job(Said said)
    {
        using var document = JsonDocument.Parse(said.Output);
        return document.RootElement.GetProperty("data").GetProperty("job").Clone();
    }
}
