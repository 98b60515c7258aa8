using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Payments;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Moving;

/// <summary>The file that a store is moved from. While this is open nobody else writes to it.</summary>
internal sealed class MoveSource : IDisposable
{
    /// <summary>Tables of the core that stay: who dispatches, and what its writers committed last.</summary>
    private static readonly string[] _left = ["instance", "commit_mark"];

    private static readonly SchemaPart[] _known = [OrderRows.Schema, Announcements.Schema, DevChain.Schema, PurchaseBook.Schema, VcsSchema.Part, StationFacts.Schema];

    private readonly WriterGate _gate;
    private readonly WriterGate.Lease _lease;
    private readonly OpenFile _part;
    private readonly StoreReader _reader;

    private MoveSource(string path, WriterGate gate, WriterGate.Lease lease, OpenFile part, IReadOnlyList<SchemaPart> parts)
    {
        (Path, _gate, _lease, _part, _reader, Parts) = (path, gate, lease, part, StoreReader.TryOpen(path)!, parts);
        Tables = Read(read => StoreOpening.Core.Tables.Concat(parts.SelectMany(part => part.Tables)).Except(_left).Select(table => MovedTable.Of(read, table)).ToList());
        // What was committed since tells that the file was used between two runs of a move.
        Name = Read(read => string.Create(CultureInfo.InvariantCulture, $"{StationFacts.Find(read, StationFacts.Name)}:{read.Scalar("SELECT sum(turn) FROM commit_mark")}"));
    }

    public string Path { get; }

    /// <summary>The rooms whose tables it has.</summary>
    public IReadOnlyList<SchemaPart> Parts { get; }

    /// <summary>What is copied, in that order.</summary>
    public IReadOnlyList<MovedTable> Tables { get; }

    /// <summary>The store's own name and how far it is: the same as long as nobody has written to it.</summary>
    public string Name { get; }

    /// <summary>Brings the file to this program's version, and takes it for itself.</summary>
    /// <exception cref="PosthouseException">STORE_BUSY: a program has it open, and would go on writing into a file that was moved. OPTIONS_INVALID: it has tables that this program does not know.</exception>
    public static MoveSource Open(string path, TimeProvider time)
    {
        var parts = Present(path);
        PrepareAsync(path, parts, time).GetAwaiter().GetResult();
        var gate = WriterGate.For(path);
        try
        {
            var lease = gate.Enter(WriterGate.DefaultLimit);
            try
            {
                return OpenInTurn(path, gate, lease, parts);
            }
            catch
            {
                lease.Dispose();
                throw;
            }
        }
        catch
        {
            gate.Dispose();
            throw;
        }
    }

    public T Read<T>(Func<IRead, T> read) => _reader.Read(read);

    /// <summary>The highest number that a counting column ever gave.</summary>
    public long LastNumber(string table) => Read(read => read.Scalar("SELECT seq FROM sqlite_sequence WHERE name = $1", table));

    /// <summary>Closes the file, so that it can be renamed. Whoever wants to write waits still.</summary>
    public void Close() => _reader.Dispose();

    public void Dispose()
    {
        _reader.Dispose();
        _part.Dispose();
        _lease.Dispose();
        _gate.Dispose();
    }

    private static MoveSource OpenInTurn(string path, WriterGate gate, WriterGate.Lease lease, List<SchemaPart> parts)
    {
        if (InstanceLock.Holders(path) is [var holder, ..])
        {
            throw new PosthouseException(ErrorCodes.StoreBusy, string.Create(CultureInfo.InvariantCulture, $"Process {holder} dispatches from {path}. Stop it, and move the store then."));
        }

        var part = OpenFile.Enter(Durable.Canonical(path));
        try
        {
            return part.IsAlone()
                ? new MoveSource(path, gate, lease, part, parts)
                : throw new PosthouseException(ErrorCodes.StoreBusy, $"Another program has {path} open, and would go on writing into the file that was moved. Stop it, and move the store then.");
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    private static List<SchemaPart> Present(string path)
    {
        using var reader = StoreReader.TryOpen(path) ?? throw new PosthouseException(ErrorCodes.StoreUnavailable, $"There is no store at {path}.");
        var there = reader.Read(read => read.Query("SELECT name FROM schema_part", row => row.Text(0)));
        var unknown = there.Except(_known.Select(part => part.Name).Append(StoreOpening.Core.Name)).ToList();
        return unknown.Count == 0 ? [.. _known.Where(part => part == StationFacts.Schema || there.Contains(part.Name))] : throw new PosthouseException(ErrorCodes.OptionsInvalid,
            $"{path} has tables of {string.Join(", ", unknown)}, which this program does not know: they are an application's own, which moves its store itself.");
    }

    /// <summary>Opening brings the tables to this program's version. A store that has a name is not written to: it would look used.</summary>
    private static async Task PrepareAsync(string path, List<SchemaPart> parts, TimeProvider time)
    {
        await using var store = SqliteJobStore.Open(new SqliteStoreOptions { Path = path, Parts = parts, Time = time, Ids = SystemIds.Instance }, new JobRegistry());
        if (await store.ReadAsync(read => StationFacts.Find(read, StationFacts.Name)) is null)
        {
            await store.WriteAsync(write =>
            {
                StationFacts.Note(write, StationFacts.Name, SystemIds.Instance.NextUInt64().ToString("x16", CultureInfo.InvariantCulture));
                return true;
            });
        }
    }
}
