using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Connectivity;
using Posthouse.Diagnostics;
using Posthouse.Dispatch;
using Posthouse.Queue;
using Posthouse.Retry;
using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>
/// What the nodes of one run share: the machine with its file and its wall clock, the far side, and what is known about all
/// that happened. Each node opens the real store and builds the real engines on it.
/// </summary>
internal sealed class QueueWorld : IDisposable
{
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromSeconds(4);

    /// <summary>An empty store, made once and copied for each run: making its tables takes longer than most runs.</summary>
    private static readonly Lazy<string> Template = new(() =>
    {
        var path = SimFiles.Fresh();
        using var sim = new Sim(0);
        var node = sim.AddNode("maker", _ => Task.CompletedTask);
        using var session = Open(new SqliteStoreOptions { Path = path, Parts = [QueueAudit.Part], Time = node.Time, Ids = new SimIds(0) }, node, database => database);
        return path;
    });

    private readonly Dictionary<SimNode, TimeSpan> _disturbed = [];
    private readonly Dictionary<SimNode, int> _openings = [];
    private SqliteDatabase? _reader;

    public QueueWorld(Sim sim, PlantedBug bug)
    {
        (Sim, Bug) = (sim, bug);
        Path = SimFiles.CopyOf(Template.Value);
        FarSide = new SimFarSide(sim);
        Effects = new QueueFarSide(sim);
        Audit = new QueueAudit(this);
    }

    public Sim Sim { get; }

    public PlantedBug Bug { get; }

    public string Path { get; }

    public SimFarSide FarSide { get; }

    public QueueFarSide Effects { get; }

    public QueueAudit Audit { get; }

    public QueueHistory History { get; } = new();

    /// <summary>Wall clock of the machine in Unix milliseconds; all nodes share it.</summary>
    public long NowMs => Sim.Nodes[0].Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>When the wall clock last jumped; virtual time.</summary>
    public TimeSpan LastJump { get; private set; } = TimeSpan.MinValue;

    public bool EverJumpedBack { get; private set; }

    public static DispatchOptions Dispatch { get; } = new()
    {
        Concurrency = 3,
        Lease = TimeSpan.FromSeconds(3),
        StopWithin = TimeSpan.FromSeconds(1),
        KeepFinished = TimeSpan.FromDays(1_000),
    };

    /// <summary>The file as it is on disk now, seen by nobody's connection but the checker's.</summary>
    public IRead Reader => _reader ??= SqliteDatabase.Open(Path, readOnly: true);

    public TimeSpan Absence() => Sim.Between(TimeSpan.Zero, LongestAbsence);

    /// <summary>The disk failed a node: what it then misses is not its fault.</summary>
    public void Disturbed(SimNode node) => _disturbed[node] = Sim.Now;

    /// <summary>Since when nothing has been in this node's way.</summary>
    public TimeSpan HealthySince(SimNode node)
    {
        var since = LastJump > node.PausedUntil ? LastJump : node.PausedUntil;
        return _disturbed.TryGetValue(node, out var at) && at > since ? at : since;
    }

    /// <summary>One machine has one wall clock: all nodes see the jump.</summary>
    public void Jump(TimeSpan by)
    {
        LastJump = Sim.Now;
        EverJumpedBack |= by < TimeSpan.Zero;
        foreach (var node in Sim.Nodes)
            node.JumpWallClock(by);
    }

    /// <summary>Opens the store as a process would; the node's death closes it.</summary>
    public SqliteJobStore Open(SimNode node)
    {
        var options = new SqliteStoreOptions { Path = Path, Parts = [QueueAudit.Part], Time = node.Time, Ids = node.Ids };
        var session = Open(options, node, database => new FaultyDatabase(this, node, database));
        node.OnCrash(session.Dispose);
        _openings[node] = Opening(node) + 1;
        node.OnCrash(() => Closed(node));
        return new SqliteJobStore(session);
    }

    /// <summary>A number that changes whenever the node's store is opened, closed or dies: leases belong to one of them.</summary>
    public int Opening(SimNode node) => _openings.GetValueOrDefault(node);

    public void Closed(SimNode node) => _openings[node] = Opening(node) + 1;

    public static JobQueue Queue(SimNode node, IJobStore store)
    {
        var (reader, feed) = (new JobEventReader(QueueJobs.Registry), new ProgressFeed(node.Time));
        return new JobQueue(store, QueueJobs.Registry, Drafts(node), new JobEvents(store, reader, feed), new Completions(store, reader, feed, node.Time),
            PosthouseMetrics.Unwatched, null);
    }

    public Dispatcher Dispatcher(SimNode node, IJobStore store)
    {
        var connectivity = new DestinationHealth(node.Time, node.Ids);
        var services = new SimServices(new QueueHandler(this, node));
        var runner = new JobRunner(services, QueueJobs.Registry, new FailureClassifier(), connectivity, new ProgressFeed(node.Time),
            PosthouseMetrics.Unwatched, node.Time, node.Ids, NullLogger.Instance);
        return new Dispatcher(new WatchedStore(store, Sim), QueueJobs.Registry, runner, connectivity, node.Time, Dispatch, NullLogger.Instance);
    }

    public void Dispose()
    {
        Sim.Dispose();
        _reader?.Dispose();
        SimFiles.Delete(Path);
    }

    private static SqliteSession Open(SqliteStoreOptions options, SimNode node, Func<ICommitDatabase, ICommitDatabase> wrap) =>
        SqliteSession.Open(options, Drafts(node), (_, turn) => new SimLoopDriver(node, turn), wrap, (_, _) => null);

    private static JobDrafts Drafts(SimNode node) => new(QueueJobs.Registry, node.Time, node.Ids);
}
