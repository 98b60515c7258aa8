using Posthouse.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>The contract over a folder, and what only a folder has to fear.</summary>
public sealed class DirectoryLockStoreTests : LockStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-locks-").FullName;
    private readonly ResourceKey _key = ResourceKey.Of("mix/Größe.logicx");

    public DirectoryLockStoreTests() => DirectoryLockStore.Create(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private protected override ValueTask<ILockStore> OpenAsync(string clone) => new(DirectoryLockStore.Open(_folder));

    [Fact]
    public async Task One_file_for_each_record_named_by_its_number_and_nothing_else_is_left()
    {
        var store = await OpenAsync("a");
        await Won(store, await Won(store, VersionToken.Absent, Record("a", 1)), Record("a", 2));
        await store.CompareAndSwapAsync(_key, VersionToken.Absent, Record("b", 1), default);

        Directory.GetFileSystemEntries(Path.Combine(_folder, _key.Hex)).Select(Path.GetFileName).Order().ShouldBe(["0000000001.json", "0000000002.json"]);
        File.ReadAllBytes(Path.Combine(_folder, _key.Hex, "0000000002.json")).ShouldBe(LockRecordJson.Write(Record("a", 2)));
    }

    [Fact]
    public async Task Old_records_are_cleared_away_and_a_writer_who_comes_back_with_one_of_their_numbers_loses()
    {
        var store = await OpenAsync("a");
        var version = VersionToken.Absent;
        for (var seq = 1; seq <= 70; seq++)
            version = await Won(store, version, Record("a", seq));
        Directory.GetFiles(Path.Combine(_folder, _key.Hex)).Length.ShouldBe(LockProtocol.CompactEvery);

        (await store.CompareAndSwapAsync(_key, new VersionToken("2"), Record("b", 3), default)).ShouldBeOfType<CasOutcome.Lost>().Now.Record.ShouldBe(Record("a", 70));
        (await store.ReadAsync(_key, default)).Version.ShouldBe(version);
        Directory.GetFiles(Path.Combine(_folder, _key.Hex)).Length.ShouldBe(LockProtocol.CompactEvery);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"v\":1,\"path\":\"mix")]
    [InlineData("{\"v\":2,\"path\":\"mix/song.wav\",\"state\":\"held\"}")]
    public async Task A_file_that_cannot_be_read_blocks_its_register_alone(string content)
    {
        var store = await OpenAsync("a");
        await Won(store, VersionToken.Absent, Record("a", 1));
        await File.WriteAllTextAsync(Path.Combine(_folder, _key.Hex, "0000000002.json"), content);
        Directory.CreateDirectory(Path.Combine(_folder, "not-a-key"));

        var snapshot = await store.ReadAsync(_key, default);
        (snapshot.Version.Value, snapshot.Record).ShouldBe(("2", null));
        (await store.ReadAsync(ResourceKey.Of("other"), default)).Version.ShouldBe(VersionToken.Absent);
        await foreach (var listed in store.ListAsync(default))
            listed.ShouldBeNull();
    }

    [Fact]
    public async Task A_share_that_is_not_mounted_is_a_network_failure_and_never_a_project_without_locks()
    {
        var store = await OpenAsync("a");
        var away = _folder + "-away";
        Directory.Move(_folder, away);
        Directory.CreateDirectory(_folder); // The empty mount point.
        try
        {
            Should.Throw<VcsException>(() => DirectoryLockStore.Open(_folder)).Failure.Category.ShouldBe(FailureCategory.Network);
            (await Should.ThrowAsync<VcsException>(() => store.ReadAsync(_key, default).AsTask())).Failure.Category.ShouldBe(FailureCategory.Network);
            (await store.CompareAndSwapAsync(_key, VersionToken.Absent, Record("a", 1), default)).ShouldBeOfType<CasOutcome.Refused>().Failure.Category.ShouldBe(FailureCategory.Network);
            Directory.GetFileSystemEntries(_folder).ShouldBeEmpty();
        }
        finally
        {
            Directory.Delete(_folder);
            Directory.Move(away, _folder);
        }
    }

    [Theory]
    [InlineData("OneDrive - Studio", "")]
    [InlineData("shared", ".stfolder")]
    [InlineData("shared", ".dropbox")]
    public void A_folder_that_a_program_copies_between_machines_is_refused(string name, string mark)
    {
        var above = Path.Combine(_folder, name);
        var folder = Directory.CreateDirectory(Path.Combine(above, "locks")).FullName;
        if (mark.Length > 0)
            Directory.CreateDirectory(Path.Combine(above, mark));

        Should.Throw<VcsException>(() => DirectoryLockStore.Create(folder)).Message.ShouldContain("copied between machines");
        Directory.GetFileSystemEntries(folder).ShouldBeEmpty();
    }

    [Fact]
    public void A_folder_of_locks_is_made_once_and_only_where_a_folder_is()
    {
        DirectoryLockStore.Create(_folder);
        Directory.GetFileSystemEntries(_folder).Length.ShouldBe(1);
        Should.Throw<VcsException>(() => DirectoryLockStore.Create(Path.Combine(_folder, "missing"))).Failure.Category.ShouldBe(FailureCategory.Network);
    }
}
