using System.Text;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Tests.Storage;

/// <summary>What a store does about a file or a folder that is not as it left it.</summary>
public sealed class DamagedStoreTests : IDisposable
{
    private const int PageBytes = 4_096;
    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    private string Database => _folder.File("jobs.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_that_is_no_database_is_put_aside_and_a_fresh_one_says_where_it_is()
    {
        await File.WriteAllTextAsync(Database, string.Concat(Enumerable.Repeat("Dear reader, this is a letter. ", 200)));
        await using var store = Open();
        await ShouldHaveQuarantined(store, File.ReadAllText);
    }

    [Fact]
    public async Task A_damaged_page_found_in_use_has_the_file_checked_and_put_aside_at_the_next_open()
    {
        await Fill();
        Damage();
        await using (var store = Open())
        {
            var found = await Should.ThrowAsync<PosthouseException>(() => ReadEverything(store));
            found.Code.ShouldBe(ErrorCodes.StoreCorrupt);
            found.Message.ShouldContain("start again");
            File.Exists(Database + ".suspect").ShouldBeTrue();
        }

        await using var next = Open();
        await ShouldHaveQuarantined(next, path => Encoding.Latin1.GetString(File.ReadAllBytes(path)));
        File.Exists(Database + ".suspect").ShouldBeFalse();
    }

    [Fact]
    public async Task A_damaged_file_stays_where_it_is_while_another_process_works_on_it()
    {
        await Fill();
        await using (var store = Open())
            await store.DecideAsync(new JobCommand.Pause(null)); // Nothing writes sound pages over the damaged ones.
        using (var other = new Prober("dispatch", Database))
        {
            Damage();
            await File.WriteAllTextAsync(Database + ".suspect", "");
            var refused = Should.Throw<PosthouseException>(() => Open());
            refused.Code.ShouldBe(ErrorCodes.StoreCorrupt);
            refused.Message.ShouldContain($"process {other.Pid} has it open");
            refused.Message.ShouldContain("Stop them all");
            Directory.GetFiles(_folder.Path, "*.damaged-*").ShouldBeEmpty();
            File.Exists(Database).ShouldBeTrue();
        }

        await using var next = Open();
        await ShouldHaveQuarantined(next, path => Encoding.Latin1.GetString(File.ReadAllBytes(path)));
    }

    [Fact]
    public async Task Who_only_enqueues_into_a_damaged_file_keeps_it_in_its_place_too()
    {
        await Fill();
        Damage();
        await using (Open())
        {
            await File.WriteAllTextAsync(Database + ".suspect", "");
            Should.Throw<PosthouseException>(() => Open()).Message.ShouldContain("another process has it open");
            Should.Throw<PosthouseException>(() => Open()).Code.ShouldBe(ErrorCodes.StoreCorrupt);
        }

        await using var next = Open();
        Directory.GetFiles(_folder.Path, "*.damaged-*").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_damaged_file_behind_a_link_is_put_aside_where_it_is()
    {
        await File.WriteAllTextAsync(Database, string.Concat(Enumerable.Repeat("Dear reader, this is a letter. ", 200)));
        var link = Path.Combine(Directory.CreateDirectory(_folder.File("elsewhere")).FullName, "link.db");
        File.CreateSymbolicLink(link, Database);
        await using var store = Open(link);
        await ShouldHaveQuarantined(store, File.ReadAllText);
        new FileInfo(link).LinkTarget.ShouldBe(Database);
        File.ReadAllBytes(Database).AsSpan(0, 6).SequenceEqual("SQLite"u8).ShouldBeTrue();
    }

    [Fact]
    public async Task A_suspected_file_that_is_sound_stays_in_use()
    {
        await Fill();
        await File.WriteAllTextAsync(Database + ".suspect", "");
        await using var store = Open();
        (await store.CountAsync()).Ready.ShouldBe(200);
        File.Exists(Database + ".suspect").ShouldBeFalse();
        Directory.GetFiles(_folder.Path, "*.damaged-*").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_damaged_page_found_by_a_write_marks_the_file_too()
    {
        await Fill();
        Damage();
        await using var store = Open();
        (await Should.ThrowAsync<PosthouseException>(() => store.WriteAsync(write => write.Execute("UPDATE job SET priority = 1 WHERE length(payload) > 0")))).Code
            .ShouldBe(ErrorCodes.StoreCorrupt);
        File.Exists(Database + ".suspect").ShouldBeTrue();
    }

    [Fact]
    public async Task A_newer_rooms_file_is_refused_and_left_alone()
    {
        await using (var store = Open(new SchemaPart("notes", [("CREATE TABLE note(text TEXT)", ""), ("ALTER TABLE note ADD COLUMN n INTEGER", "")], ["note"])))
        {
            await store.EnqueueAsync([Draft("a")]);
        }

        var refused = Should.Throw<PosthouseException>(() => Open(new SchemaPart("notes", [("CREATE TABLE note(text TEXT)", "")], ["note"])));
        refused.Code.ShouldBe(ErrorCodes.SchemaNewer);
        refused.Message.ShouldContain("Update this program");
        await using var again = Open();
        (await again.CountAsync()).Ready.ShouldBe(1);
    }

    [Fact]
    public async Task An_upgrade_leaves_a_copy_until_an_open_has_gone_well()
    {
        await Fill();
        var broken = new SchemaPart("notes", [("CREATE TABLE note(text TEXT); CREATE TABLE note(text TEXT)", "")], ["note"]);
        Should.Throw<Exception>(() => Open(broken));
        using (var copy = SqliteDatabase.Open(Database + ".before-upgrade", readOnly: true))
            copy.Scalar("SELECT count(*) FROM job").ShouldBe(200);
        await using var store = Open();
        (await store.CountAsync()).Ready.ShouldBe(200);
        File.Exists(Database + ".before-upgrade").ShouldBeFalse();
    }

    [Theory]
    [InlineData("letter.txt/jobs.db")]
    [InlineData("/proc/posthouse/jobs.db")]
    public void A_folder_that_cannot_be_written_is_named_with_what_to_do(string path)
    {
        File.WriteAllText(_folder.File("letter.txt"), "Dear reader");
        var refused = Should.Throw<PosthouseException>(() => SqliteJobStore.Open(
            new SqliteStoreOptions { Path = _folder.File(path), Time = _time, Ids = SystemIds.Instance }, new JobRegistry()));
        refused.Code.ShouldBe(ErrorCodes.StoreUnavailable);
        refused.Message.ShouldContain("this user may write");
    }

    private static JobDraft Draft(string id) =>
        new(JobId.Parse(id), "mail.send", 1, Encoding.UTF8.GetBytes($"\"{new string('x', 1_000)}\""), "{}"u8.ToArray());

    private SqliteJobStore Open(params SchemaPart[] parts) => Open(Database, parts);

    private SqliteJobStore Open(string path, params SchemaPart[] parts) =>
        SqliteJobStore.Open(new SqliteStoreOptions { Path = path, Time = _time, Ids = SystemIds.Instance, Parts = parts }, new JobRegistry());

    private async Task Fill()
    {
        await using var store = Open();
        await store.EnqueueAsync([.. Enumerable.Range(0, 200).Select(i => Draft($"job-{i}"))]);
    }

    private static Task<List<byte[]>> ReadEverything(SqliteJobStore store) => store.ReadAsync(read => read.Query("SELECT payload FROM job NOT INDEXED ORDER BY seq", row => row.Bytes(0)));

    /// <summary>Overwrites a leaf of the table of jobs in the middle of the file, as a bad disk would.</summary>
    private void Damage()
    {
        using (var database = SqliteDatabase.Open(Database, readOnly: false))
            database.Checkpoint(truncate: true);
        var bytes = File.ReadAllBytes(Database);
        var damaged = 0;
        for (var page = bytes.Length / PageBytes / 2; page < bytes.Length / PageBytes && damaged < 5; page++)
        {
            if (bytes[page * PageBytes] == 13 && bytes.AsSpan(page * PageBytes, PageBytes).IndexOf("xxxx"u8) >= 0)
            {
                bytes.AsSpan(page * PageBytes, 64).Fill(0xEE);
                damaged++;
            }
        }

        damaged.ShouldBeGreaterThan(0);
        File.WriteAllBytes(Database, bytes);
    }

    private async Task ShouldHaveQuarantined(SqliteJobStore store, Func<string, string> read)
    {
        var aside = Directory.GetFiles(_folder.Path, "*.damaged-*").Where(path => !path.EndsWith("-wal", StringComparison.Ordinal) && !path.EndsWith("-shm", StringComparison.Ordinal)).ShouldHaveSingleItem();
        read(aside).Length.ShouldBeGreaterThan(1_000);
        var told = (await store.ReadEventsAsync(0, new EventFilter(Room: "store"), 10)).ShouldHaveSingleItem();
        (told.Kind, told.Subject).ShouldBe(("StoreQuarantined", aside));
        (await store.EnqueueAsync([Draft("fresh")])).ShouldHaveSingleItem().Kind.ShouldBe(AdmissionKind.Accepted);
    }
}
