using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs;

/// <summary>
/// What every store of locks has to keep, whatever it is made of. A test class for a store derives from this and opens it; several
/// openings of one place are several clones.
/// </summary>
public abstract class LockStoreContract
{
    private readonly ResourceKey _key = ResourceKey.Of("mix/Größe.logicx");

    /// <summary>One more clone's view of the same registers.</summary>
    /// <param name="clone">Its name, short and plain; the same for the same clone.</param>
    private protected abstract ValueTask<ILockStore> OpenAsync(string clone);

    [Fact]
    public async Task A_register_that_was_never_written_is_absent()
    {
        var snapshot = await (await OpenAsync("a")).ReadAsync(_key, default);
        (snapshot.Key, snapshot.Version, snapshot.Record).ShouldBe((_key, VersionToken.Absent, null));
    }

    [Fact]
    public async Task What_was_written_is_read_by_another_clone_member_by_member()
    {
        var (a, b) = (await OpenAsync("a"), await OpenAsync("b"));
        var record = Record("a", 1) with
        {
            Base = new LockBase("main", new string('a', 40)),
            HeartbeatSeconds = 600,
            Message = "a \"note\"\nof two lines – ü",
            Previous = new LockPredecessor("0123456789abcdef", Owner("c")),
        };
        var won = (await a.CompareAndSwapAsync(_key, VersionToken.Absent, record, default)).ShouldBeOfType<CasOutcome.Won>();

        foreach (var store in new[] { a, b })
        {
            var snapshot = await store.ReadAsync(_key, default);
            (snapshot.Version, snapshot.Record).ShouldBe((won.Version, record));
        }
    }

    [Fact]
    public async Task A_chain_of_records_is_written_each_upon_the_one_before()
    {
        var (a, b) = (await OpenAsync("a"), await OpenAsync("b"));
        var version = VersionToken.Absent;
        for (var seq = 1; seq <= 5; seq++)
        {
            var record = Record(seq % 2 == 0 ? "b" : "a", seq) with { State = (LockState)(1 + (seq % 3)), By = seq % 3 == 2 ? Owner("b") : null };
            version = await Won(seq % 2 == 0 ? b : a, version, record);
            (await a.ReadAsync(_key, default)).Record.ShouldBe(record);
        }
    }

    [Fact]
    public async Task A_write_upon_a_version_that_is_over_loses_and_is_told_what_stands_there()
    {
        var (a, b) = (await OpenAsync("a"), await OpenAsync("b"));
        var first = await Won(a, VersionToken.Absent, Record("a", 1));
        var second = await Won(a, first, Record("a", 2));

        foreach (var stale in new[] { VersionToken.Absent, first })
        {
            var lost = (await b.CompareAndSwapAsync(_key, stale, Record("b", stale == first ? 2 : 1), default)).ShouldBeOfType<CasOutcome.Lost>();
            (lost.Now.Version, lost.Now.Record).ShouldBe((second, Record("a", 2)));
        }

        (await b.ReadAsync(_key, default)).Record.ShouldBe(Record("a", 2));
    }

    [Fact]
    public async Task Of_several_who_write_upon_one_version_at_once_exactly_one_wins()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => OpenAsync($"c{i}").AsTask()));
        var version = VersionToken.Absent;
        for (var seq = 1; seq <= 10; seq++)
        {
            using var start = new Barrier(stores.Length);
            var outcomes = await Task.WhenAll(stores.Select((store, i) => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                return store.CompareAndSwapAsync(_key, version, Record($"c{i}", seq), default).AsTask();
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));

            var winner = Array.FindIndex(outcomes, outcome => outcome is CasOutcome.Won);
            outcomes.Count(outcome => outcome is CasOutcome.Won).ShouldBe(1, string.Join('\n', outcomes.Select(outcome => outcome.ToString())));
            outcomes.Count(outcome => outcome is CasOutcome.Lost).ShouldBe(stores.Length - 1);
            version = ((CasOutcome.Won)outcomes[winner]).Version;
            (await stores[0].ReadAsync(_key, default)).ShouldSatisfyAllConditions(
                now => now.Version.ShouldBe(version), now => now.Record.ShouldBe(Record($"c{winner}", seq)));
        }
    }

    [Fact]
    public async Task The_same_operation_repeated_wins_again_and_writes_nothing_more()
    {
        var a = await OpenAsync("a");
        var version = await Won(a, VersionToken.Absent, Record("a", 1));
        (await Won(a, VersionToken.Absent, Record("a", 1))).ShouldBe(version);
        (await a.ReadAsync(_key, default)).Version.ShouldBe(version);
    }

    [Fact]
    public async Task Repeated_with_another_time_it_says_what_the_first_try_wrote()
    {
        var a = await OpenAsync("a");
        var version = await Won(a, VersionToken.Absent, Record("a", 1));
        var later = Record("a", 1) with { RenewedAt = Record("a", 1).RenewedAt.AddHours(1), ExpiresAt = Record("a", 1).ExpiresAt.AddHours(1) };

        var again = (await (await OpenAsync("a")).CompareAndSwapAsync(_key, VersionToken.Absent, later, default)).ShouldBeOfType<CasOutcome.Won>();
        (again.Version, again.Written).ShouldBe((version, Record("a", 1)));
    }

    [Fact]
    public async Task Repeated_after_others_went_on_it_has_lost()
    {
        var (a, b) = (await OpenAsync("a"), await OpenAsync("b"));
        var version = await Won(a, VersionToken.Absent, Record("a", 1));
        await Won(b, version, Record("b", 2));

        (await a.CompareAndSwapAsync(_key, VersionToken.Absent, Record("a", 1), default)).ShouldBeOfType<CasOutcome.Lost>().Now.Record.ShouldBe(Record("b", 2));
    }

    [Fact]
    public async Task Two_clones_with_one_operation_s_id_do_not_both_win()
    {
        var (a, b) = (await OpenAsync("a"), await OpenAsync("b"));
        await Won(a, VersionToken.Absent, Record("a", 1));
        (await b.CompareAndSwapAsync(_key, VersionToken.Absent, Record("b", 1) with { OpId = Record("a", 1).OpId }, default)).ShouldBeOfType<CasOutcome.Lost>();
    }

    [Fact]
    public async Task Spellings_of_one_path_are_one_register_and_other_paths_are_others()
    {
        var a = await OpenAsync("a");
        await Won(a, VersionToken.Absent, Record("a", 1));
        foreach (var spelling in new[] { "mix/GRÖSSE.logicx".Replace("SS", "ß", StringComparison.Ordinal), "mix/Gro\u0308ße.logicx", "./mix//größe.LOGICX" })
            (await a.ReadAsync(ResourceKey.Of(spelling), default)).Record.ShouldNotBeNull(spelling);
        foreach (var other in new[] { "mix", "mix/Größe.logicx/x", ".", "mix/Größe" })
            (await a.ReadAsync(ResourceKey.Of(other), default)).Record.ShouldBeNull(other);
    }

    [Fact]
    public async Task All_registers_are_listed_released_ones_too_also_where_one_path_lies_in_another()
    {
        var (a, b) = (await OpenAsync("a"), await OpenAsync("b"));
        foreach (var path in new[] { ".", "mix", "mix/song.wav", "mix song/ä b.wav" })
        {
            var record = Record("a", 1) with { Path = ResourceKey.Of(path).Path };
            (await a.CompareAndSwapAsync(ResourceKey.Of(path), VersionToken.Absent, record, default)).ShouldBeOfType<CasOutcome.Won>();
        }

        var mix = await b.ReadAsync(ResourceKey.Of("mix"), default);
        await b.CompareAndSwapAsync(mix.Key, mix.Version, Record("a", 2) with { Path = "mix", State = LockState.Released }, default);

        var listed = new List<LockSnapshot>();
        await foreach (var snapshot in b.ListAsync(default))
            listed.Add(snapshot);
        listed.Select(snapshot => $"{snapshot.Key.Path} {snapshot.Record!.State}").ShouldBe([". Held", "mix Released", "mix/song.wav Held", "mix song/ä b.wav Held"], ignoreOrder: true);
        foreach (var snapshot in listed)
            (await a.ReadAsync(snapshot.Key, default)).Version.ShouldBe(snapshot.Version);
    }

    private protected static LockOwner Owner(string clone) => new($"Name of {clone}", $"{clone}@example.org", clone, "studio", $"machine-{clone}", $"clone-{clone}");

    /// <summary>The record with a number, by a clone.</summary>
    private protected static LockRecord Record(string clone, long seq)
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero).AddMinutes(seq);
        return new LockRecord
        {
            Path = "mix/Größe.logicx",
            State = LockState.Held,
            LockId = LockProtocol.LockIdOf($"{clone}/{seq}"),
            Epoch = seq,
            Seq = seq,
            OpId = $"{clone}-job/{seq}",
            Owner = Owner(clone),
            AcquiredAt = at,
            RenewedAt = at,
            TtlSeconds = 14_400,
            ExpiresAt = at.AddHours(4),
            Client = "posthouse/test",
        };
    }

    private protected async ValueTask<VersionToken> Won(ILockStore store, VersionToken expected, LockRecord record) =>
        (await store.CompareAndSwapAsync(_key, expected, record, default)).ShouldBeOfType<CasOutcome.Won>().Version;
}
