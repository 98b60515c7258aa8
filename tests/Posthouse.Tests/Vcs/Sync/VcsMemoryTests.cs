using Posthouse.Jobs;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;
using Shouldly;
using Xunit;

namespace Posthouse.Tests.Vcs.Sync;

/// <summary>What the room remembers in the person's store.</summary>
public sealed class VcsMemoryTests : IAsyncLifetime
{
    private static readonly ResourceKey _key = ResourceKey.Of("song.logicx");
    private static readonly LockOwner _me = new("John", "john@example.org", "john", "laptop", "machine", "clone");
    private static readonly LockOwner _eve = _me with { User = "eve", CloneId = "another" };

    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly ManualTimeProvider _time = new();
    private SqliteJobStore _store = null!;

    public ValueTask InitializeAsync()
    {
        _store = SqliteJobStore.Open(new SqliteStoreOptions { Path = _folder.File("posthouse.db"), Time = _time, Ids = SystemIds.Instance, Parts = [VcsSchema.Part] }, new JobRegistry());
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_version_is_known_since_it_was_first_seen_by_whatever_process()
    {
        (await Sightings().SeenAsync(_key, new VersionToken("a"))).ShouldBe(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(70));

        (await Sightings().SeenAsync(_key, new VersionToken("a"))).ShouldBe(TimeSpan.FromSeconds(70));
    }

    [Fact]
    public async Task Another_version_another_boot_and_a_clock_that_went_back_begin_anew()
    {
        await Sightings().SeenAsync(_key, new VersionToken("a"));
        _time.Advance(TimeSpan.FromSeconds(70));
        (await Sightings().SeenAsync(_key, new VersionToken("b"))).ShouldBe(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(70));
        (await Sightings("next boot").SeenAsync(_key, new VersionToken("b"))).ShouldBe(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(70));
        _time.JumpWallClock(TimeSpan.FromHours(-1));
        (await Sightings("next boot").SeenAsync(_key, new VersionToken("b"))).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Of_two_clocks_the_smaller_counts()
    {
        await Sightings().SeenAsync(_key, new VersionToken("a"));
        _time.Advance(TimeSpan.FromSeconds(70));
        _time.JumpWallClock(TimeSpan.FromHours(5));

        (await Sightings().SeenAsync(_key, new VersionToken("a"))).ShouldBe(TimeSpan.FromSeconds(70));
    }

    [Fact]
    public async Task What_an_operation_built_is_found_again_by_its_id()
    {
        var journal = new LockJournal(_store, _time);
        var built = new BuiltRecord(_key, VersionToken.Absent, new VersionToken("abc"));
        await journal.KeepAsync("acquire-1/1", built);

        (await journal.FindAsync("acquire-1/1")).ShouldBe(built);
        (await journal.FindAsync("acquire-1/2")).ShouldBeNull();
    }

    [Fact]
    public async Task A_lock_that_another_broke_or_took_is_lost_until_that_was_told()
    {
        var book = new LockBook(_store);
        await book.SeenAsync(_me, View(Record(_me, LockState.Held, 1)));
        (await Known()).Standing.ShouldBe(KnownStanding.Mine);

        await book.SeenAsync(_me, View(Record(_me, LockState.Broken, 2) with { By = _eve }));
        (await Known()).Standing.ShouldBe(KnownStanding.Lost);
        await book.SeenAsync(_me, View(Record(_eve, LockState.Held, 3)));
        (await Known()).Standing.ShouldBe(KnownStanding.Lost);

        await book.ToldAsync(_me.CloneId, _key);
        (await Known()).Standing.ShouldBe(KnownStanding.NotMine);
    }

    [Fact]
    public async Task A_lock_that_was_given_back_is_not_lost()
    {
        var book = new LockBook(_store);
        await book.SeenAsync(_me, View(Record(_me, LockState.Held, 1)));
        await book.SeenAsync(_me, View(Record(_me, LockState.Released, 2)));

        (await Known()).Standing.ShouldBe(KnownStanding.NotMine);
    }

    [Fact]
    public async Task An_older_look_that_is_written_late_changes_nothing()
    {
        var book = new LockBook(_store);
        await book.SeenAsync(_me, View(Record(_me, LockState.Held, 5)));
        await book.SeenAsync(_me, View(Record(_eve, LockState.Held, 4)));

        (await Known()).Record!.Seq.ShouldBe(5);
    }

    [Fact]
    public async Task A_remote_is_not_asked_again_while_the_last_answer_is_fresh()
    {
        var health = new RemoteHealth(_store, _time);
        List<bool> probes = [];
        Task<Reachability> Find(DateTimeOffset since) => health.FindAsync("r", TimeSpan.FromSeconds(30), since, wasAway =>
        {
            probes.Add(wasAway);
            return Task.FromResult(probes.Count == 1 ? Reachability.Offline : Reachability.Online);
        });
        var began = _time.GetUtcNow();

        (await Find(began)).ShouldBe(Reachability.Offline);
        (await Find(began)).ShouldBe(Reachability.Offline);
        _time.Advance(TimeSpan.FromSeconds(1));
        (await Find(_time.GetUtcNow())).ShouldBe(Reachability.Online, "that it was away is nothing for who asks later");
        (await Find(_time.GetUtcNow())).ShouldBe(Reachability.Online);
        _time.Advance(TimeSpan.FromSeconds(31));
        await Find(began);
        probes.ShouldBe([false, true, false]);
    }

    [Fact]
    public async Task Five_failures_end_the_tries_at_once_and_answers_bring_them_back()
    {
        var health = new RemoteHealth(_store, _time);
        for (var i = 0; i < 5; i++)
        {
            (await health.ReadAsync("r")).AllowsRetry.ShouldBeTrue();
            await _store.WriteAsync(write => RemoteHealth.Failed(write, "r", new RemoteFailure(FailureCategory.Server, "503")));
        }

        (await health.ReadAsync("r")).AllowsRetry.ShouldBeFalse();
        await _store.WriteAsync(write => RemoteHealth.Answered(write, "r"));
        (await health.ReadAsync("r")).AllowsRetry.ShouldBeTrue();
        (await health.ReadAsync("r")).WorkedAt.ShouldBe(_time.GetUtcNow());
    }

    [Theory]
    [InlineData("https://ann:secret@example.org/band/song.git", "https://example.org/band/song.git")]
    [InlineData("https://token@example.org", "https://example.org")]
    [InlineData("https://example.org/a@b.git", "https://example.org/a@b.git")]
    [InlineData("git@example.org:band/song.git", "git@example.org:band/song.git")]
    [InlineData("/srv/git/song.git", "/srv/git/song.git")]
    public void An_address_is_shown_without_its_user(string url, string shown) => RemoteHealth.Shown(url).ShouldBe(shown);

    private Sightings Sightings(string boot = "boot") => new(_store, "clone", _time, boot);

    private async Task<KnownLock> Known() => (await _store.ReadAsync(read => LockBook.Find(read, _me.CloneId, _key))).ShouldNotBeNull();

    private LockRecord Record(LockOwner owner, LockState state, long seq) => new()
    {
        Path = _key.Path,
        State = state,
        LockId = "lock",
        Epoch = 1,
        Seq = seq,
        OpId = "op/" + seq,
        Owner = owner,
        AcquiredAt = _time.GetUtcNow(),
        RenewedAt = _time.GetUtcNow(),
        TtlSeconds = 60,
        ExpiresAt = _time.GetUtcNow().AddMinutes(1),
        Client = "test",
    };

    private static LockView View(LockRecord record) => new(_key, new VersionToken("v" + record.Seq), record, LockStanding.Held);
}
