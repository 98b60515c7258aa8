using System.Globalization;
using Posthouse.Cli.Backups;
using Posthouse.Cli.Hosting;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Processes;

/// <summary><c>kill -9</c> inside of <c>posthouse backup</c> and <c>posthouse restore</c>.</summary>
public sealed class BackupKillTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-half-").FullName;

    private string Station => Path.Combine(_folder, "station");

    private string Backup => Path.Combine(_folder, "backup");

    private string Restored => Path.Combine(_folder, "restored");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Half_a_backup_is_no_backup_and_half_a_restore_is_no_station()
    {
        await FillAsync();
        foreach (var moment in (BackupCrashAt[])[BackupCrashAt.FileTaken, BackupCrashAt.Unlisted])
        {
            await DieAsync(moment, "backup", Backup, "--data", Station);
            Directory.EnumerateFiles(Backup, "*", SearchOption.AllDirectories).ShouldNotBeEmpty();
            Refused(() => StationRestore.Run(Backup, Restored, TimeProvider.System, default)).ShouldContain("no backup, or one that was not finished");
            Directory.Exists(Restored).ShouldBeFalse();
            Directory.Delete(Backup, recursive: true);
        }

        new StationBackup(Station, Backup, TimeProvider.System).Run(withKeys: false, default).Files.Count.ShouldBe(3);

        foreach (var moment in (BackupCrashAt[])[BackupCrashAt.FileTaken, BackupCrashAt.Behind, BackupCrashAt.Marked])
        {
            await DieAsync(moment, "restore", Backup, "--data", Restored);
            Refused(() => ServeLock.Take(Restored)).ShouldContain("'posthouse restore' did not end there");
            Refused(() => StationRestore.Run(Backup, Restored, TimeProvider.System, default)).ShouldContain("is not empty");
            if (moment is BackupCrashAt.Behind)
            {
                var (exit, _, error) = await PosthouseProcess.RunAsync("serve", "--urls", "http://127.0.0.1:0", "--data", Restored);
                (exit, error.Contains("Empty the folder and restore again", StringComparison.Ordinal)).ShouldBe((1, true), error);
            }

            Directory.Delete(Restored, recursive: true);
        }

        StationRestore.Run(Backup, Restored, TimeProvider.System, default).OpenJobs.ShouldBe(2);
        await using var store = Open(Restored);
        (await store.CountAsync()).ShouldSatisfyAllConditions(counts => counts.Open.ShouldBe(2), counts => counts.Paused.ShouldBeTrue());
    }

    private async Task FillAsync()
    {
        Directory.CreateDirectory(Station);
        await using var store = Open(Station);
        var vault = new FolderVault(Path.Combine(Station, "vault"), TimeProvider.System, SystemIds.Instance);
        foreach (var name in (string[])["one", "two"])
        {
            var source = Path.Combine(_folder, name);
            await File.WriteAllTextAsync(source, name);
            var stored = await vault.StageAsync(JobFile.FromPath(source), store.StageAsync);
            await store.EnqueueAsync([new JobDraft(JobId.Parse("mail-" + name), "mail.send", 1, "{}"u8.ToArray(), "{}"u8.ToArray()) { Files = [stored] }]);
        }
    }

    private static SqliteJobStore Open(string station) => SqliteJobStore.Open(
        new SqliteStoreOptions { Path = Path.Combine(station, StorePlace.DatabaseName), Time = TimeProvider.System, Ids = SystemIds.Instance }, new JobRegistry());

    private static async Task DieAsync(BackupCrashAt moment, params string[] words)
    {
        using var program = PosthouseProcess.Start(((int)moment).ToString(CultureInfo.InvariantCulture), words);
        (await program.ExitAsync()).ShouldBe(PosthouseProcess.Killed, $"it did not die at {moment}");
    }

    private static string Refused(Action act) => Should.Throw<PosthouseException>(act).Message;
}
