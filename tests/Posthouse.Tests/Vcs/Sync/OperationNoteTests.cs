using System.Text;
using System.Text.Json;
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

    [Fact]
    public async Task A_category_is_kept_by_its_word_as_errors_have_it_and_read_by_its_earlier_number_too()
    {
        var stored = await StoreAsync(new RemoteFailure(FailureCategory.RateLimit, "slower"));

        JsonDocument.Parse(stored.Body).RootElement.GetProperty("failure").GetProperty("category").GetString().ShouldBe("rate_limit");
        var earlier = stored with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(stored.Body.Span).Replace("\"rate_limit\"", "3", StringComparison.Ordinal)) };
        OperationNote.TryRead(earlier)!.Failure!.Category.ShouldBe(FailureCategory.RateLimit);
    }

    private async Task<RemoteFailure?> ReadBackAsync(RemoteFailure failure) => OperationNote.TryRead(await StoreAsync(failure))!.Failure;

    private async Task<StoredEvent> StoreAsync(RemoteFailure failure)
    {
        await using var store = SqliteJobStore.Open(new SqliteStoreOptions { Path = _folder.File("posthouse.db"), Time = new ManualTimeProvider(), Ids = SystemIds.Instance, Parts = [VcsSchema.Part] }, new JobRegistry());
        await store.WriteAsync(write =>
        {
            new OperationNote("vcs.release", "clone", "Release") { Failure = failure }.Append(write, "release-1");
            return true;
        });
        return (await store.ReadEventsAsync(0, new EventFilter(Room: OperationNote.Room), 10)).ShouldHaveSingleItem();
    }
}
