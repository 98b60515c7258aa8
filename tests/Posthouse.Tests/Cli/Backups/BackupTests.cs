using System.Text;
using System.Text.Json;
using Posthouse.Cli;
using Posthouse.Cli.Backups;
using Posthouse.Cli.Hosting;
using Posthouse.Files;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Cli.Commands;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Backups;

/// <summary>The verbs <c>backup</c> and <c>restore</c> on stores of every kind.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly ManualTimeProvider _time = new();

    private string Station => _folder.File("station");

    private string Backup => _folder.File("backup");

    private string Restored => _folder.File("restored");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_station_comes_back_with_its_jobs_and_their_files_paused_and_ahead_of_what_it_forgot()
    {
        var (hash, unneeded) = (await StageAsync("needed"), await StageAsync("nobody's"));
        await WithStationAsync(async store =>
        {
            await store.EnqueueAsync([QueueStage.Draft("mail-1") with { Files = [hash] }, QueueStage.Draft("mail-2"), QueueStage.Draft("mail-3")]);
            var me = await store.JoinAsync(() => { });
            // One is done, and one runs while the backup is made.
            var claimed = await store.ClaimAsync(new ClaimRequest(me, 2, TimeSpan.FromSeconds(60)));
            await store.SettleAsync(claimed[1].Lease, new Settlement(SettlementKind.Done) { Result = "{}"u8.ToArray() });

            (await BackupAsync(Backup)).ShouldBe((0, $"[ok] Backup in {Backup}: 2 open job(s), 2 file(s), SIZE\n  Keys are not in it: keep copies of them elsewhere, or add --with-keys.\n", ""));
        });
        File.Exists(PathOf(Backup, unneeded)).ShouldBeFalse();
        Directory.Delete(Station, recursive: true);

        var (exit, output, error) = await RestoreAsync(Restored);

        (exit, error).ShouldBe((0, ""));
        output.ShouldEndWith($"posthouse queue resume --data {Restored}\n");
        File.ReadAllText(PathOf(Restored, hash)).ShouldBe("needed");
        Durable.IsPrivate(Path.Combine(Restored, StorePlace.DatabaseName)).ShouldBeTrue();
        await using var restored = Open(Restored);
        var rows = await restored.ListAsync(new JobQuery());
        rows.Select(row => (row.Id.Value, row.State)).ShouldBe([("mail-1", JobState.Running), ("mail-2", JobState.Done), ("mail-3", JobState.Pending)]);
        rows.Select(row => row.Claims >= StationRestore.FencesAhead || row.State is JobState.Done).ShouldAllBe(isAhead => isAhead);
        (await restored.CountAsync()).Paused.ShouldBeTrue();
        (await restored.LastPositionAsync()).ShouldBeGreaterThan(StationRestore.Ahead);
        (await restored.ReadEventsAsync(StationRestore.Ahead, new EventFilter(), 10)).ShouldHaveSingleItem().Kind.ShouldBe("StoreRestored");
        // The process that had it is on another machine, if anywhere; its lease is taken over under the same id.
        await restored.JoinAsync(() => { });
        (await restored.GetAsync(JobId.Parse("mail-1")))!.State.ShouldBe(JobState.Pending);
    }

    [Fact]
    public async Task Cursors_of_inboxes_go_on_from_a_place_that_nobody_has_reached()
    {
        await using (var station = Open(Station, OrderRows.Schema))
        {
            await station.WriteAsync(write => write.Execute(
                "INSERT INTO ivxp_order (order_id, version, state, protocol, service_type, description, client_name, client_address, price_units, payment_address, network, created_at, pay_until, push, push_attempts, change_no) "
                + "VALUES ('o', 1, 'quoted', 'p', 's', 'd', 'c', '0x1', 1, '0x2', 'base-sepolia', 0, 0, 'none', 0, 41)"));
        }

        await BackupAsync(Backup);
        (await RestoreAsync(Restored)).Exit.ShouldBe(0);

        await using var restored = Open(Restored, OrderRows.Schema);
        (await restored.ReadAsync(read => read.Scalar("SELECT change_no FROM ivxp_order"))).ShouldBe(41 + StationRestore.Ahead);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keys_are_in_it_when_asked_for_and_the_count_of_starts_never(bool asked)
    {
        await WithStationAsync(store => store.EnqueueAsync([QueueStage.Draft("mail-1")]));
        string[] keys = ["provider.key", "mesh/node.key", "mesh/node.key.next", "mesh/node.key.1a2b", "mesh/node.succession", "mesh/operator.token"];
        Durable.CreatePrivateDirectory(Path.Combine(Station, "mesh"));
        foreach (var file in (string[])[.. keys, "mesh/epoch", "serve.json", "mesh/node.key.77.tmp"]) { Durable.WriteAllBytesAtomically(Path.Combine(Station, file), "x"u8); }

        (await BackupAsync(Backup, null, asked ? ["--with-keys"] : [])).Exit.ShouldBe(0);

        var manifest = BackupManifest.Read(Backup);
        manifest.HasKeys.ShouldBe(asked);
        manifest.Files.Select(file => file.Path).ShouldBe(asked ? keys.Append("posthouse.db").Order(StringComparer.Ordinal) : ["posthouse.db"]);
        Directory.EnumerateFiles(Backup, "*", SearchOption.AllDirectories).Count().ShouldBe(manifest.Files.Count + 1, "and nothing else but the manifest");
    }

    [Fact]
    public async Task The_wallets_key_goes_along_where_it_lies_in_the_station_and_is_named_where_it_does_not()
    {
        await WithStationAsync(store => store.EnqueueAsync([QueueStage.Draft("mail-1")]));
        foreach (var path in new[] { Path.Combine(Station, "wallet.key"), _folder.File("elsewhere.key") }) { Durable.WriteAllBytesAtomically(path, "x"u8); }

        (await BackupAsync(Backup, null, "--with-keys", "--set", "Ivxp:Wallet:KeyFile=" + Path.Combine(Station, "wallet.key"))).Exit.ShouldBe(0);
        BackupManifest.Read(Backup).Files.Select(file => file.Path).ShouldBe(["posthouse.db", "wallet.key"]);
        (await BackupAsync(_folder.File("second"), null, "--with-keys", "--set", "Ivxp:Wallet:KeyFile=" + _folder.File("elsewhere.key"))).Output.ShouldContain("lies elsewhere and is not in it");
    }

    [Fact]
    public async Task The_prices_of_a_node_go_along_and_damaged_ones_stop_nothing()
    {
        await using (var served = await Hosting.ServedMesh.StartAsync("Mesh:Provide=true"))
        {
            await served.WithPricesAsync();
            (await BackupAsync(Backup, served.Folder)).Exit.ShouldBe(0);
            BackupManifest.Read(Backup).Files.Select(file => file.Path).ShouldBe(["mesh/prices.db", "posthouse.db"]);
            (await RestoreAsync(served.Folder)).ShouldBe((7, "", "busy"));
        }

        (await RestoreAsync(Restored)).Exit.ShouldBe(0);
        File.WriteAllText(Path.Combine(Restored, "mesh", "prices.db"), "no database, and long enough to be taken for one");
        var (exit, output, _) = await BackupAsync(_folder.File("second"), Restored);
        exit.ShouldBe(0);
        output.ShouldContain("[!] The prices are not in it: ");
    }

    [Fact]
    public async Task What_cannot_be_backed_up_is_refused()
    {
        (await BackupAsync(Backup)).Error.ShouldContain("There is no store at");
        Directory.Exists(Backup).ShouldBeFalse();
        await using (Open(Station, PurchaseBook.Schema)) { }
        (await BackupAsync(Backup)).Error.ShouldContain("would pay again");
        (await BackupAsync(Station, await PlainStationAsync())).Error.ShouldContain("is not empty");
    }

    [Fact]
    public async Task A_file_that_a_job_needs_and_that_is_gone_or_damaged_stops_it()
    {
        var stored = await StageAsync("needed");
        await WithStationAsync(store => store.EnqueueAsync([QueueStage.Draft("mail-1") with { Files = [stored] }]));
        File.WriteAllText(PathOf(Station, stored), "changed");
        (await BackupAsync(Backup)).Error.ShouldContain("its bytes are others");
        File.Delete(PathOf(Station, stored));
        (await BackupAsync(_folder.File("second"))).Error.ShouldContain("it is not there");
        (await RestoreAsync(Restored)).Error.ShouldContain("no backup, or one that was not finished");
    }

    [Fact]
    public async Task A_backup_that_was_touched_is_refused_before_anything_is_written()
    {
        await WithStationAsync(store => store.EnqueueAsync([QueueStage.Draft("mail-1")]));
        await BackupAsync(Backup);
        var manifest = Path.Combine(Backup, BackupManifest.FileName);
        var said = File.ReadAllText(manifest);

        Write(said.Replace("posthouse.db", "../posthouse.db", StringComparison.Ordinal));
        (await RefusedAsync()).ShouldContain("which is no path in a backup");
        Write(said.Replace("posthouse.db", "/etc/passwd", StringComparison.Ordinal));
        (await RefusedAsync()).ShouldContain("which is no path in a backup");
        Write(said.Replace("\"format\": 1", "\"format\": 2", StringComparison.Ordinal));
        (await RefusedAsync()).ShouldContain("newer version");
        Write(said.Replace("\"core\": ", "\"core\": 9", StringComparison.Ordinal));
        (await RefusedAsync()).ShouldContain("newer version");
        Write(said[..(said.Length / 2)]);
        (await RefusedAsync()).ShouldContain("is damaged");
        Write(said);
        File.AppendAllText(Path.Combine(Backup, StorePlace.DatabaseName), "x");
        (await RefusedAsync()).ShouldContain("changed or damaged");
        File.Delete(Path.Combine(Backup, StorePlace.DatabaseName));
        (await RefusedAsync()).ShouldContain("is missing");

        void Write(string text) => File.WriteAllText(manifest, text);
        async Task<string> RefusedAsync()
        {
            var (exit, _, error) = await RestoreAsync(Restored);
            exit.ShouldBe(1);
            if (Directory.Exists(Restored)) { Directory.EnumerateFiles(Restored).Select(Path.GetFileName).ShouldBe([ServeLock.FileName]); }
            return error;
        }
    }

    [Fact]
    public async Task Nothing_that_is_there_is_replaced_and_a_newer_store_needs_a_newer_program()
    {
        await WithStationAsync(store => store.EnqueueAsync([QueueStage.Draft("mail-1")]));
        await BackupAsync(Backup);
        (await RestoreAsync(Station)).Error.ShouldContain("is not empty: it has ");
        Directory.CreateDirectory(Path.Combine(Restored, "lost+found"));
        (await RestoreAsync(Restored)).Exit.ShouldBe(0);

        using (var database = SqliteDatabase.Open(Path.Combine(Station, StorePlace.DatabaseName), readOnly: false)) { database.Execute("UPDATE schema_part SET version = 99 WHERE name = 'core'"); }
        (await BackupAsync(_folder.File("second"))).Error.ShouldContain("was written by a newer version");
    }

    [Fact]
    public async Task A_restore_that_did_not_end_is_not_served()
    {
        Durable.CreatePrivateDirectory(Restored);
        File.WriteAllText(Path.Combine(Restored, StationRestore.Unfinished), "");

        Should.Throw<PosthouseException>(() => ServeLock.Take(Restored)).Message.ShouldContain("'posthouse restore' did not end there");
        await WithStationAsync(store => store.EnqueueAsync([QueueStage.Draft("mail-1")]));
        await BackupAsync(Backup);
        (await RestoreAsync(Restored)).Exit.ShouldBe(0);
        ServeLock.Take(Restored).Dispose();
    }

    [Fact]
    public async Task A_program_reads_what_was_made()
    {
        await WithStationAsync(store => store.EnqueueAsync([QueueStage.Draft("mail-1")]));
        var document = JsonDocument.Parse((await BackupAsync(Backup, null, "--json")).Output).RootElement;
        (document.GetProperty("status").GetString(), document.GetProperty("data").GetProperty("open_jobs").GetInt64(), document.GetProperty("data").GetProperty("folder").GetString())
            .ShouldBe(("backed_up", 1, Backup));
        JsonDocument.Parse((await RestoreAsync(Backup, "--json")).Output).RootElement.GetProperty("error").GetProperty("code").GetString().ShouldBe(ErrorCodes.OptionsInvalid);
    }

    private SqliteJobStore Open(string station, params SchemaPart[] parts) => SqliteJobStore.Open(
        new SqliteStoreOptions { Path = Path.Combine(station, StorePlace.DatabaseName), Parts = parts, Time = _time, Ids = SystemIds.Instance }, new JobRegistry());

    private async Task WithStationAsync(Func<SqliteJobStore, Task> work)
    {
        await using var store = Open(Station);
        await work(store);
    }

    private async Task<string> PlainStationAsync()
    {
        await using (Open(_folder.File("plain"))) { }
        return _folder.File("plain");
    }

    /// <summary>Puts a file into the station's vault, as an enqueue does.</summary>
    private async Task<StoredFile> StageAsync(string content)
    {
        var source = _folder.File("source");
        File.WriteAllText(source, content);
        await using var store = Open(Station);
        return await new FolderVault(Path.Combine(Station, "vault"), _time, SystemIds.Instance).StageAsync(JobFile.FromPath(source), store.StageAsync);
    }

    private static string PathOf(string station, StoredFile file) => Path.Combine(station, "vault", file.Hash[..2], file.Hash[2..]);

    private Task<(int Exit, string Output, string Error)> BackupAsync(string folder, string? station = null, params string[] options) =>
        RunAsync(["backup", folder, "--data", station ?? Station, .. options]);

    private Task<(int Exit, string Output, string Error)> RestoreAsync(string target, params string[] options) =>
        RunAsync(["restore", Backup, "--data", target, .. options]);

    private async Task<(int Exit, string Output, string Error)> RunAsync(string[] words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var exit = await CommandLine.RunAsync(Program.CreateRoot(_time), words, output, error);
        return (exit, Plain(output), exit == 7 ? "busy" : Plain(error));
    }

    private static string Plain(StringWriter writer) => System.Text.RegularExpressions.Regex.Replace(
        writer.ToString().Replace("✓", "[ok]").Replace("⚠", "[!]"), @"[0-9]+\.[0-9] MB", "SIZE");
}
