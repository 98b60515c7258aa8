using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Storage.Commit;

namespace Posthouse.Mesh.Hosting;

/// <summary>
/// The one place where the engine is touched, one turn after the other. Others post what happened and go on; the loop runs it with the
/// time, ticks the engine when it is due, and lets the host look at what became true. What waits here is bounded by those who post: a
/// connection has one frame under way.
/// </summary>
internal sealed class MeshLoop : IDisposable
{
    /// <summary>Posts that are run before the engine's own time is looked at: some 10 ms of signatures.</summary>
    private const int MaxPosts = 32;

    /// <summary>The shortest wait that a timer is armed for; what is due sooner is late by less than anybody measures.</summary>
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentQueue<(Action<GossipNode, Moment> Run, Action<Exception>? Refuse)> _posts = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private readonly ILoopDriver _driver;
    private readonly ITimer _timer;
    private GossipNode? _engine;
    private Action<GossipNode, Moment> _after = static (_, _) => { };
    private volatile bool _isOver;

    /// <summary>Makes the loop; nothing runs before <see cref="Begin"/>.</summary>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">Told if the engine fails.</param>
    /// <param name="drive">What calls the turns; null: the thread pool.</param>
    public MeshLoop(TimeProvider time, ILogger logger, LoopDriverFactory? drive = null)
    {
        (_time, _logger, _start) = (time, logger, time.GetTimestamp());
        _driver = (drive ?? PoolDriver.Start)("posthouse-mesh", Turn);
        _timer = time.CreateTimer(_ => _driver.Signal(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Both clocks now.</summary>
    public Moment Now => Moment.Of(_time, _start);

    /// <summary>Ends with the loop; faulted if the engine failed.</summary>
    public Task Completion => _ended.Task;

    /// <summary>Runs the engine from now on.</summary>
    /// <param name="engine">The engine, which nobody else touches from here on.</param>
    /// <param name="after">Called on the loop after each turn.</param>
    public void Begin(GossipNode engine, Action<GossipNode, Moment> after)
    {
        _after = after;
        Volatile.Write(ref _engine, engine);
        _driver.Signal();
    }

    /// <summary>Runs something on the loop, later; nothing where the node has stopped. Any thread, the loop's own too.</summary>
    public void Post(Action<GossipNode, Moment> work) => Put(work, null);

    /// <summary>Asks the engine something.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.StoreUnavailable"/>: the node has stopped.</exception>
    public Task<T> AskAsync<T>(Func<GossipNode, Moment, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Put(Answer, error => answer.TrySetException(error));
        return answer.Task;

        void Answer(GossipNode engine, Moment now)
        {
            try
            {
                answer.SetResult(question(engine, now));
            }
            catch (Exception error)
            {
                // Who asks must not wait for ever; what becomes of the engine the loop decides.
                answer.TrySetException(error);
                throw;
            }
        }
    }

    /// <summary>Runs what still waits, then ends.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _driver.Dispose();
        End(null);
    }

    private void Put(Action<GossipNode, Moment> run, Action<Exception>? refuse)
    {
        _posts.Enqueue((run, refuse));
        if (_isOver)
            RefuseAll();
        else
            _driver.Signal();
    }

    private bool Turn()
    {
        if (_isOver || Volatile.Read(ref _engine) is not { } engine)
            return false;
        try
        {
            for (var run = 0; run < MaxPosts && _posts.TryDequeue(out var post); run++)
                post.Run(engine, Now);
            var now = Now;
            if (now.Steady >= engine.NextDue)
                engine.OnTick(now);
            _after(engine, now);
            Arm(engine.NextDue - now.Steady);
        }
        catch (Exception error)
        {
            // A node that decided half of something must not go on; its last prices stay readable.
            _logger.EngineFailed(error);
            End(error);
        }

        return !_isOver && !_posts.IsEmpty;
    }

    private void End(Exception? error)
    {
        _isOver = true;
        RefuseAll();
        if (error is null)
            _ended.TrySetResult();
        else
            _ended.TrySetException(error);
    }

    private void RefuseAll()
    {
        while (_posts.TryDequeue(out var post))
            post.Refuse?.Invoke(new PosthouseException(ErrorCodes.StoreUnavailable, "The node of the price mesh has stopped."));
    }

    private void Arm(TimeSpan wait) => _timer.Change(wait > _shortest ? wait : _shortest, Timeout.InfiniteTimeSpan);
}
