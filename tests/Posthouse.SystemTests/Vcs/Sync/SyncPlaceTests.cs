using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Vcs.Sync;

/// <summary>Where a sync is started does not decide where its operations run.</summary>
public sealed class SyncPlaceTests : IDisposable
{
    private readonly SyncGround _ground = new();

    public void Dispose() => _ground.Dispose();

    [Fact]
    public async Task A_sync_in_another_folder_works_on_the_project_that_was_meant()
    {
        var tip = await _ground.QueueWork("work");
        using var elsewhere = new OwnFolder();

        var (exit, output, error) = await _ground.RunIn(elsewhere.Path, "queue", "sync", "--all-projects");

        exit.ShouldBe(0, output + error);
        _ground.RemoteTip().ShouldBe(tip);
        output.ShouldContain("  Succeeded: 3\n  Failed: 0\n");
        output.ShouldContain(" All operations synced successfully!");
    }

    [Fact]
    public async Task A_project_that_was_moved_is_found_when_the_sync_is_run_in_it()
    {
        var tip = await _ground.QueueWork("work");
        _ground.Move();

        var (exit, output, error) = await _ground.Run("queue", "sync");

        exit.ShouldBe(0, output + error);
        _ground.RemoteTip().ShouldBe(tip);
    }

    [Fact]
    public async Task A_project_that_is_gone_fails_its_operations_with_what_to_do()
    {
        await _ground.QueueWork("work");
        _ground.Move();
        using var elsewhere = new OwnFolder();

        var (exit, output, _) = await _ground.RunIn(elsewhere.Path, "queue", "sync", "--all-projects");

        exit.ShouldBe(8);
        output.ShouldContain("project_missing");
        output.ShouldNotContain("they remain queued for retry");
    }

    [Fact]
    public async Task What_would_be_sent_is_told_without_sending_it_and_kinds_can_be_named()
    {
        await _ground.QueueWork("work");
        var before = _ground.RemoteTip();

        var (exit, output, _) = await _ground.Run("queue", "sync", "--dry-run", "--only", "push");

        exit.ShouldBe(0);
        output.ShouldContain("Would sync 1 operation(s):");
        output.ShouldContain("Push main to remote");
        _ground.RemoteTip().ShouldBe(before);
    }

    [Fact]
    public async Task A_status_inside_a_project_speaks_of_its_operations_in_words()
    {
        await _ground.QueueWork("work");

        var (exit, output, _) = await _ground.Run("queue", "status");

        exit.ShouldBe(0);
        output.ShouldContain("  Pending: 1\n  Waiting: 2\n  Completed: 0\n  Failed: 0\n");
        output.ShouldContain("  1. Acquire lock for song.txt (");
        output.ShouldContain("Push main to remote");
        output.ShouldContain("Release lock for song.txt");
    }

    [Fact]
    public async Task A_full_disk_is_an_error_and_nothing_that_could_pass_for_queued()
    {
        await _ground.QueueWork("work");
        using var program = PosthouseProcess.StartUnder(
            ["env", "-C", _ground.Clone, "sh", "-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"], null, ["lock", "acquire", "other.wav", "--offline"], _ground.Home);

        var (exit, output, error) = await program.EndAsync();

        exit.ShouldNotBe(0, output);
        exit.ShouldNotBe(10, output);
        error.ShouldNotBeEmpty();
        (await _ground.Run("queue", "status")).Output.ShouldNotContain("other.wav");
    }

    [Fact]
    public async Task Exported_entries_come_back_into_another_store_once()
    {
        await _ground.QueueWork("work");
        using var files = new OwnFolder();
        (await _ground.Run("queue", "export", files.Path)).Exit.ShouldBe(0);
        Directory.GetFiles(files.Path).Length.ShouldBe(3);
        (await _ground.Run("queue", "clear", "--all", "--yes")).Output.ShouldContain(" Cleared 3 total operation(s)");

        (await _ground.Run("queue", "import", files.Path)).Output.ShouldContain("Imported 3 operation(s)");
        (await _ground.Run("queue", "import", files.Path)).Output.ShouldContain("Imported 0 operation(s), 3 done or here already");

        (await _ground.Run("queue", "sync")).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task Files_of_an_older_program_are_read()
    {
        using var files = new OwnFolder();
        var path = System.Text.Json.JsonSerializer.Serialize(_ground.Clone);
        File.WriteAllText(files.File("01234567-89ab-cdef-0123-456789abcdef.json"),
            """{"id":"01234567-89ab-cdef-0123-456789abcdef","operation":{"AcquireLock":{"project_path":PATH,"user_id":"john@laptop","timeout_hours":4}},"queued_at":"2025-11-18T10:00:00Z","attempts":1,"last_attempt":null,"last_error":"offline","priority":100,"completed":false}"""
                .Replace("PATH", path, StringComparison.Ordinal));
        File.WriteAllText(files.File("12345678-9abc-def0-1234-56789abcdef0.json"),
            """{"id":"12345678-9abc-def0-1234-56789abcdef0","operation":{"PushCommits":{"repo_path":PATH,"branch":"main"}},"queued_at":"2025-11-18T10:01:00Z","attempts":0,"priority":0,"completed":false}"""
                .Replace("PATH", path, StringComparison.Ordinal));
        File.WriteAllText(files.File("torn.json"), "{\"id\":");

        var (exit, output, _) = await _ground.Run("queue", "import", files.Path);

        exit.ShouldBe(8);
        output.ShouldContain("torn.json: it is no queue entry");
        output.ShouldContain("Imported 2 operation(s), 0 done or here already, 1 refused");
        (await _ground.Run("queue", "status")).Output.ShouldContain("Acquire lock for song (");
    }
}
