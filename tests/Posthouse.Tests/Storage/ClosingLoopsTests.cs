using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Tests.Storage;

/// <summary>Whoever asks a store is answered, also when the file is not there or the store is being closed.</summary>
public sealed class ClosingLoopsTests
{
    [Fact]
    public async Task A_read_hears_that_the_connection_could_not_be_opened_and_the_next_one_tries_again()
    {
        var openings = 0;
        var reads = new ReadLoop(() => throw new PosthouseException(ErrorCodes.StoreUnavailable, $"Opening {++openings} failed."));
        foreach (var opening in (int[])[1, 2])
        {
            var answer = reads.Post(read => read.Scalar("SELECT 1"));
            reads.Turn().ShouldBeTrue();
            (await Should.ThrowAsync<PosthouseException>(() => answer)).Message.ShouldBe($"Opening {opening} failed.");
        }
    }

    [Fact]
    public async Task A_read_posted_before_or_after_the_close_is_refused()
    {
        var reads = new ReadLoop(() => throw new InvalidOperationException("Nothing is to be read."));
        var before = reads.Post(read => read.Scalar("SELECT 1"));
        reads.Close(Closed());
        var after = reads.Post(read => read.Scalar("SELECT 1"));
        (await Should.ThrowAsync<PosthouseException>(() => before)).Code.ShouldBe(ErrorCodes.StoreUnavailable);
        (await Should.ThrowAsync<PosthouseException>(() => after)).Code.ShouldBe(ErrorCodes.StoreUnavailable);
    }

    [Fact]
    public async Task An_operation_posted_before_or_after_the_close_is_refused()
    {
        var waiting = new WaitingOperations();
        var (before, after) = (new Operation<int>(_ => 1), new Operation<int>(_ => 1));
        waiting.Add(before);
        waiting.Close(Closed());
        waiting.Add(after);
        waiting.Any.ShouldBeFalse();
        (await Should.ThrowAsync<PosthouseException>(() => before.Task)).Code.ShouldBe(ErrorCodes.StoreUnavailable);
        (await Should.ThrowAsync<PosthouseException>(() => after.Task)).Code.ShouldBe(ErrorCodes.StoreUnavailable);
    }

    [Fact]
    public async Task A_follower_hears_of_what_another_process_appended_before_the_wait_began()
    {
        using var folder = TempFolder.InMemory();
        var options = new SqliteStoreOptions { Path = folder.File("app.db"), Time = new ManualTimeProvider(), Ids = SystemIds.Instance };
        await using var here = Open(options);
        await using var there = Open(options);
        var position = await here.LastPositionAsync();
        await there.EnqueueAsync([new JobDraft(JobId.Parse("a"), "mail.send", 1, "{}"u8.ToArray(), "{}"u8.ToArray())]);

        // The clock stands still and no bell rings: the commit was noticed, and forgotten, before anybody waited.
        await here.ChangedAsync(position, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    private static SqliteJobStore Open(SqliteStoreOptions options) =>
        new(SqliteSession.Open(options, new Posthouse.Storage.Jobs.JobDrafts(new JobRegistry(), options.Time, options.Ids), LoopThread.Start, hang: (_, _) => null));

    private static PosthouseException Closed() => new(ErrorCodes.StoreUnavailable, "The store is closed.");
}
