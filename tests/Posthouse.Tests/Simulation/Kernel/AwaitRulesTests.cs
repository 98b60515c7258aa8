using System.Threading.Channels;

namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>
/// Which awaits continue on the simulated thread and which leave it, proved against the runtime in use. Engines may use the
/// first list; the second is banned from them by <c>EngineRulesTests</c>. A new runtime that moves a row fails here.
/// </summary>
public sealed class AwaitRulesTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, Func<SimNode, Task>> Staying = new()
    {
        ["Task.Yield"] = async _ => await Task.Yield(),
        ["Task.Delay(time)"] = me => Task.Delay(Second, me.Time),
        ["Task.Delay(time, token)"] = me => Task.Delay(Second, me.Time, Cancelled(me)),
        ["Task.WaitAsync(time)"] = me => Never().WaitAsync(Second, me.Time),
        ["Task.WaitAsync(token)"] = me => Never().WaitAsync(Cancelled(me)),
        ["PeriodicTimer(time)"] = async me => await new PeriodicTimer(Second, me.Time).WaitForNextTickAsync(),
        ["PeriodicTimer(time), token"] = async me => await new PeriodicTimer(9 * Second, me.Time).WaitForNextTickAsync(Cancelled(me)),
        ["CancellationTokenSource(time)"] = me => Task.Delay(Timeout.InfiniteTimeSpan, me.Time, new CancellationTokenSource(Second, me.Time).Token),
        ["Task.WhenAll"] = me => Task.WhenAll(Task.Delay(Second, me.Time), Task.Delay(Second, me.Time)),
        ["Task.WhenAny"] = me => Task.WhenAny(Never(), Task.Delay(Second, me.Time)),
        ["TaskCompletionSource"] = me => Completed(me, TaskCreationOptions.None),
        ["TaskCompletionSource, asynchronous"] = me => Completed(me, TaskCreationOptions.RunContinuationsAsynchronously),
        ["SemaphoreSlim.WaitAsync()"] = me => Taken(me).WaitAsync(),
        ["ChannelReader.WaitToReadAsync"] = async me => await Filled(me).Reader.WaitToReadAsync(),
        ["ChannelReader.WaitToReadAsync(token)"] = async me => await Channel.CreateUnbounded<int>().Reader.WaitToReadAsync(Cancelled(me)),
        ["ChannelReader.ReadAsync"] = async me => await Filled(me).Reader.ReadAsync(),
        ["ChannelWriter.WriteAsync, full"] = async me => await Full(me).Writer.WriteAsync(2),
        ["an async iterator of our own"] = async me =>
        {
            await foreach (var _ in Two(me))
                await Task.Yield();
        },
    };

    private static readonly Dictionary<string, Func<SimNode, Task>> Leaving = new()
    {
        ["ConfigureAwait(false)"] = async me => await Task.Delay(Second, me.Time).ConfigureAwait(false),
        ["Task.Run"] = me => Task.Run(Gate(me).Wait),
        ["Task.Delay without a time provider"] = async _ => await Task.Delay(1),
        ["SemaphoreSlim.WaitAsync(token)"] = me => Taken(me).WaitAsync(new CancellationTokenSource().Token),
        ["SemaphoreSlim.WaitAsync(time)"] = me => Taken(me).WaitAsync(TimeSpan.FromHours(1)),
        ["ChannelReader.ReadAllAsync"] = async me =>
        {
            await foreach (var _ in Filled(me).Reader.ReadAllAsync())
                break;
        },
        ["CancellationTokenSource.CancelAsync"] = async me =>
        {
            var source = new CancellationTokenSource();
            source.Token.Register(Gate(me).Wait);
            await source.CancelAsync();
        },
        ["Task.WhenEach"] = async me =>
        {
            await foreach (var _ in Task.WhenEach(Task.Delay(Second, me.Time)))
                break;
        },
        ["Parallel.ForEachAsync"] = me => Parallel.ForEachAsync([1], (_, _) =>
        {
            Gate(me).Wait(CancellationToken.None);
            return ValueTask.CompletedTask;
        }),
    };

    public static TheoryData<string> StayingNames => [.. Staying.Keys];

    public static TheoryData<string> LeavingNames => [.. Leaving.Keys];

    [Theory]
    [MemberData(nameof(StayingNames))]
    public void Stays_on_the_simulated_thread(string name)
    {
        using var sim = new Sim(1);
        var finished = false;
        sim.AddNode("n", async me =>
        {
            await EndOf(Staying[name](me));
            sim.DemandThread();
            finished = true;
        });

        sim.Run(10 * Second);

        finished.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(LeavingNames))]
    public void Leaves_the_simulated_thread(string name)
    {
        using var sim = new Sim(1);
        sim.AddNode("n", me => EndOf(Leaving[name](me)));

        try
        {
            sim.Run(10 * Second);
        }
        catch (SimulationFailure)
        {
            // Seen while the run lasted; else a pool thread reports soon after it.
        }

        SpinWait.SpinUntil(() => sim.Failure is not null, 30 * Second).ShouldBeTrue();
        sim.Failure!.Broken.ShouldStartWith(SimulationFailure.Nondeterminism);
    }

    private static async Task EndOf(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            // Ends of a wait like any other.
        }
    }

    private static Task Never() => new TaskCompletionSource().Task;

    private static CancellationToken Cancelled(SimNode me)
    {
        var source = new CancellationTokenSource();
        me.Sim.After(Second, me, source.Cancel);
        return source.Token;
    }

    private static Task Completed(SimNode me, TaskCreationOptions options)
    {
        var source = new TaskCompletionSource(options);
        me.Sim.After(Second, null, source.SetResult);
        return source.Task;
    }

    private static SemaphoreSlim Taken(SimNode me)
    {
        var semaphore = new SemaphoreSlim(0);
        me.Sim.After(Second, me, () => semaphore.Release());
        return semaphore;
    }

    // Holds a pool thread until the run has reached the await in question, so that no row passes by being early.
    private static ManualResetEventSlim Gate(SimNode me)
    {
        var gate = new ManualResetEventSlim();
        me.Sim.After(Second, null, gate.Set);
        return gate;
    }

    private static Channel<int> Filled(SimNode me)
    {
        var channel = Channel.CreateUnbounded<int>();
        me.Sim.After(Second, me, () => channel.Writer.TryWrite(1));
        return channel;
    }

    private static Channel<int> Full(SimNode me)
    {
        var channel = Channel.CreateBounded<int>(1);
        channel.Writer.TryWrite(1);
        me.Sim.After(Second, me, () => channel.Reader.TryRead(out _));
        return channel;
    }

    private static async IAsyncEnumerable<int> Two(SimNode me)
    {
        yield return 1;
        await Task.Delay(Second, me.Time);
        yield return 2;
    }
}
