using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Sync;
using Shouldly;
using Xunit;

namespace Posthouse.Tests.Vcs.Sync;

/// <summary>What the history keeps of an end is what a reader gets back.</summary>
public sealed class OperationNoteTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(VcsErrors.LockLost)]
    [InlineData(VcsErrors.LockIdMismatch)]
    [InlineData(VcsErrors.LockConflict)]
    public async Task A_failures_own_code_survives_and_not_only_its_category(string code)
    {
        var failure = new RemoteFailure(FailureCategory.LockConflict, "why") { Code = code, Hint = "do this", RetryAfter = TimeSpan.FromSeconds(90), StatusCode = 409 };

        (await ReadBackAsync(failure)).ShouldBe(failure);
    }

    [Fact]
    public async Task A_missing_project_stays_one_although_it_is_a_local_failure()
    {
        var failure = new RemoteFailure(FailureCategory.Local, "gone") { Code = VcsErrors.NotAProject };

        (await ReadBackAsync(failure))!.Code.ShouldBe("NOT_A_PROJECT");
    }

    private async Task<RemoteFailure?> ReadBackAsync(RemoteFailure failure)
    {
        await using var store = SqliteJobStore.Open(new SqliteStoreOptions { Path = _folder.File("posthouse.db"), Time = new ManualTimeProvider(), Ids = SystemIds.Instance, Parts = [VcsSchema.Part] }, new JobRegistry());
        await store.WriteAsync(write =>
        {
            new OperationNote("vcs.release", "clone", "Release") { Failure = failure }.Append(write, "release-1");
            return true;
        });
        var stored = (await store.ReadEventsAsync(0, new EventFilter(Room: OperationNote.Room), 10)).ShouldHaveSingleItem();
        return OperationNote.TryRead(stored)!.Failure;
    }
}
