using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>
/// The node that enqueues and decides. What it asked for it remembers outside itself, and asks again with the same id until
/// it knows: after UNKNOWN, after a busy store, and after its own death.
/// </summary>
internal sealed class QueueClient(QueueWorld world)
{
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(600);

    private readonly QueueIntents _intents = new(world);

    /// <summary>Whether it only finishes what it began.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>Whether it then discards what needs a decision.</summary>
    public bool Discards { get; set; }

    /// <summary>Whether everything it asked for was answered for certain.</summary>
    public bool IsContent => IsQuiet && world.History.Open.Count == 0 && _idle;

    private bool _idle;

    public async Task RunAsync(SimNode node)
    {
        var store = world.Bug.Around(world.Open(node), node, world);
        var queue = QueueWorld.Queue(node, store);
        var decisions = new QueueDecisions(world, node, queue, store);
        var ends = new QueueEnds(world);
        _ = queue.Completions.RunAsync(CancellationToken.None);
        while (true)
        {
            _idle = false;
            while (world.History.Open.TryPeek(out var again))
                await AskAsync(queue, ends, again, isRepeat: true);
            if (IsQuiet)
                await decisions.EndAsync(Discards);
            else
                await ActAsync(queue, decisions, ends);
            _idle = true;
            await Task.Delay(world.Sim.Between(TimeSpan.Zero, Breath), node.Time);
        }
    }

    private async Task ActAsync(JobQueue queue, QueueDecisions decisions, QueueEnds ends)
    {
        switch (world.Sim.Random.Next(20))
        {
            case < 11:
                var intent = _intents.Fresh();
                world.History.Asked.Add(intent);
                world.History.After[intent.Id] = intent.Options.After;
                world.History.Open.Enqueue(intent);
                await AskAsync(queue, ends, intent, isRepeat: false);
                break;
            case < 13 when _intents.AnyAsked() is { } known:
                await AskAsync(queue, ends, known, isRepeat: true);
                break;
            case 13 when _intents.AnyAsked() is { } known:
                await ReuseAsync(queue, known);
                break;
            case 14:
                await BatchAsync(queue, _intents.Batch());
                break;
            default:
                await decisions.AnyAsync();
                break;
        }
    }

    /// <summary>One enqueue. Its answer is held against the file at the moment it is heard.</summary>
    private async Task AskAsync(JobQueue queue, QueueEnds ends, Intent intent, bool isRepeat)
    {
        var wasStored = world.History.Stored.Contains(intent.Id);
        try
        {
            var handle = await queue.EnqueueAsync(intent.Job, intent.Options);
            Sure(intent);
            world.Sim.Check(Row(handle.Id) is not null, "an acknowledged job is not on disk");
            world.History.Carriers.Add(handle.Id);
            ends.Watch(handle);
            if (handle.Id == intent.Id)
                world.History.Stored.Add(handle.Id);
            else
                world.Sim.Check(!wasStored, "a repeated call was answered by another job");
            world.Sim.Check(!wasStored || handle.Admission is AdmissionKind.AnsweredByExisting, "a repeated call stored its job again");
            world.Sim.Reach($"{(isRepeat ? "repeat" : "enqueue")}: {handle.Admission}");
        }
        catch (PosthouseException e)
        {
            world.Sim.Reach($"enqueue: {e.Code}");
            if (e.Code is ErrorCodes.StoreBusy or ErrorCodes.StoreFull or ErrorCodes.StoreUnavailable)
                world.Sim.Check(isRepeat || Row(intent.Id) is null, "a refused job is on disk");
            else if (e.Code is not ErrorCodes.Unknown)
                Refused(intent, e.Code, wasStored);
            else
                await Task.Delay(Breath / 10, world.Sim.Nodes[0].Time);
        }
    }

    /// <summary>Several at once: whatever the answer, all of them are there or none.</summary>
    private async Task BatchAsync(JobQueue queue, IReadOnlyList<SimJob> jobs)
    {
        var said = "stored";
        try
        {
            var handles = await queue.EnqueueAllAsync<int>(jobs);
            world.Sim.Check(handles.All(handle => Row(handle.Id) is not null), "an acknowledged batch is not on disk");
        }
        catch (PosthouseException e)
        {
            world.Sim.Check(e.IsTransient || e.Code is ErrorCodes.DuplicateJob or ErrorCodes.Unknown, $"a batch was refused with {e.Code}");
            said = e.Code;
        }

        world.Sim.Reach($"batch: {said}");
        var (first, last) = (Count(jobs[0]), Count(jobs[^1]));
        world.Sim.Check(first == last, "a batch was stored by half");
        world.Sim.Check(said is ErrorCodes.Unknown || (said == "stored") == (first == 1), $"a batch was answered {said} and {first} of each is there");
    }

    private long Count(SimJob job) => world.Reader.Scalar("SELECT count(*) FROM event WHERE kind = 'JobAccepted' AND instr(body, $1) > 0", $"-{job.Number}");

    private void Refused(Intent intent, string code, bool wasStored)
    {
        Sure(intent);
        world.Sim.Check(code is ErrorCodes.DuplicateJob or ErrorCodes.JobNotFound, $"an enqueue was refused with {code}");
        world.Sim.Check(!wasStored, "a repeated call was refused");
    }

    /// <summary>The same id for another intent.</summary>
    private async Task ReuseAsync(JobQueue queue, Intent known)
    {
        if (!world.History.Stored.Contains(known.Id))
            return;
        try
        {
            await queue.EnqueueAsync(known.Job with { Number = -known.Job.Number }, known.Options);
            world.Sim.Check(false, "an id was taken for two intents");
        }
        catch (PosthouseException e)
        {
            world.Sim.Check(e.Code is ErrorCodes.JobIdReused || e.IsTransient, $"a reused id was refused with {e.Code}");
            world.Sim.Reach($"reuse: {e.Code}");
        }
    }

    private void Sure(Intent intent)
    {
        if (world.History.Open.TryPeek(out var open) && open == intent)
            world.History.Open.Dequeue();
    }

    private string? Row(JobId id) => world.Reader.QueryFirst("SELECT id FROM job WHERE id = $1", row => row.Text(0), id.Value);
}
