using System.Reflection;
using System.Text;
using Posthouse.Diagnostics;
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

    /// <summary>Stands between a file's name and the time at which it was put aside.</summary>
    public const string AsideMark = ".damaged-";

    /// <summary>Opens the writing connection of a store of jobs; names the file that was put aside, if one was.</summary>
    public static SqliteCommitDatabase Open(SqliteStoreOptions options, string writer, out string? quarantined) =>
        Open(
            options.Path,
            writer,
            new Opening([Core, .. options.Parts], options.Time, db => ClampAfterClockWentBack(db, options.Time.GetUtcNow()), options.Watch),
            out quarantined);

    /// <summary>Opens the writing connection of a file of any rooms' tables; names the file that was put aside, if one was.</summary>
    public static SqliteCommitDatabase Open(string file, string writer, Opening opening, out string? quarantined)
    {
        quarantined = null;
        var path = Durable.Canonical(file);
        var gate = WriterGate.For(path);
        try
        {
            using var lease = gate.Enter(SqliteCommitDatabase.GateLimit);
            return OpenInTurn(opening, path, writer, gate, ref quarantined);
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
        Opening opening, string path, string writer, WriterGate gate, ref string? quarantined)
    {
        var part = OpenFile.Enter(path);
        try
        {
            try
            {
                return OpenWith(opening, path, writer, gate, part);
            }
            catch (PosthouseException e) when (e.Code is ErrorCodes.StoreCorrupt)
            {
                part.DemandAlone(e);
                quarantined = PutAside(path, opening.Time.GetUtcNow());
                opening.Watch?.Quarantined(path, e.Message, quarantined);
                return OpenWith(opening, path, writer, gate, part);
            }
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    private static SqliteCommitDatabase OpenWith(Opening opening, string path, string writer, WriterGate gate, OpenFile part)
    {
        var database = SqliteDatabase.Open(path, readOnly: false);
        try
        {
            Suspicion.Settle(database);
            SchemaParts.Apply(database, path, opening.Parts);
            var opened = new SqliteCommitDatabase(path, writer, gate, part, database);
            opening.Settle(database);
            SchemaParts.ForgetCopy(path);
            opening.Watch?.Opened(path);
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
        var aside = $"{path}{AsideMark}{now:yyyyMMdd'T'HHmmss'Z'}";
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

/// <summary>What a file is opened with.</summary>
/// <param name="Parts">The tables of its rooms.</param>
/// <param name="Time">Names the file that is put aside.</param>
/// <param name="Settle">Runs on the sound file before anything else does; STORE_CORRUPT from it puts the file aside too.</param>
/// <param name="Watch">Who is told; null: nobody.</param>
internal sealed record Opening(IReadOnlyList<SchemaPart> Parts, TimeProvider Time, Action<SqliteDatabase> Settle, StoreWatch? Watch = null);
