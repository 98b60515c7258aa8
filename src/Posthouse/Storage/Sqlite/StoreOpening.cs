using System.Reflection;
using System.Text;
using Posthouse.Jobs;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;

namespace Posthouse.Storage.Sqlite;

/// <summary>
/// Opening a store's file: folder, gate, schema, and what to do about a file that is damaged. A damaged file is never
/// deleted: it is put aside under a name that tells when, and its successor's first event names it.
/// </summary>
internal static class StoreOpening
{
    /// <summary>The tables of the core.</summary>
    public static readonly SchemaPart Core = new("core",
        [(ReadSql("core.sqlite.sql"), ""), ($"ALTER TABLE job ADD COLUMN max_lost INTEGER NOT NULL DEFAULT {JobLaw.MaxLost}", "")],
        ["job", "job_after", "job_file", "vault_file", "event", "event_owner_seen", "instance", "pause", "job_total", "commit_mark"]);

    /// <summary>Opens the writing connection; names the file that was put aside, if one was.</summary>
    public static SqliteCommitDatabase Open(SqliteStoreOptions options, string writer, out string? quarantined)
    {
        quarantined = null;
        var path = Durable.Canonical(options.Path);
        var gate = WriterGate.For(path);
        try
        {
            using var lease = gate.Enter(SqliteCommitDatabase.GateLimit);
            return OpenInTurn(options, path, writer, gate, ref quarantined);
        }
        catch
        {
            gate.Dispose();
            throw;
        }
    }

    /// <summary>The first event of a fresh file: where the damaged one is.</summary>
    public static bool Report(Group group, string quarantined)
    {
        group.Append("store", quarantined, "StoreQuarantined", null, Encoding.UTF8.GetBytes("{}"));
        return true;
    }

    /// <summary>A damaged file is put aside only by who has it alone: another process would go on in the moved file.</summary>
    private static SqliteCommitDatabase OpenInTurn(
        SqliteStoreOptions options, string path, string writer, WriterGate gate, ref string? quarantined)
    {
        var part = OpenFile.Enter(path);
        try
        {
            try
            {
                return OpenWith(options, path, writer, gate, part);
            }
            catch (PosthouseException e) when (e.Code is ErrorCodes.StoreCorrupt)
            {
                part.DemandAlone(e);
                quarantined = PutAside(path, options.Time.GetUtcNow());
                options.Watch?.Quarantined(path, e.Message, quarantined);
                return OpenWith(options, path, writer, gate, part);
            }
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    private static SqliteCommitDatabase OpenWith(SqliteStoreOptions options, string path, string writer, WriterGate gate, OpenFile part)
    {
        var database = SqliteDatabase.Open(path, readOnly: false);
        try
        {
            Suspicion.Settle(database);
            SchemaParts.Apply(database, path, [Core, .. options.Parts]);
            var opened = new SqliteCommitDatabase(path, writer, gate, part, database);
            ClampAfterClockWentBack(database, options.Time.GetUtcNow());
            SchemaParts.ForgetCopy(path);
            options.Watch?.Opened(path);
            return opened;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>While nobody ran, the clock may have gone back behind the last commit.</summary>
    private static void ClampAfterClockWentBack(SqliteDatabase database, DateTimeOffset now)
    {
        if (now.ToUnixTimeMilliseconds() + ClockWatch.ToleranceMs < database.Scalar("SELECT max(at) FROM commit_mark"))
        {
            database.Execute(DueRows.ClampWaits, now.ToUnixTimeMilliseconds());
        }
    }

    private static string PutAside(string path, DateTimeOffset now)
    {
        var aside = $"{path}.damaged-{now:yyyyMMdd'T'HHmmss'Z'}";
        foreach (var suffix in (string[])["-wal", "-shm", ""])
        {
            if (File.Exists(path + suffix))
            {
                File.Move(path + suffix, aside + suffix, overwrite: true);
                CrashPoint.Reached(CrashAt.HalfPutAside);
            }
        }

        Suspicion.Forget(path);
        Durable.FsyncDirectory(System.IO.Path.GetDirectoryName(path)!);
        return aside;
    }

    private static string ReadSql(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Posthouse.Storage.Schema.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
