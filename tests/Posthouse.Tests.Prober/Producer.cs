using Microsoft.Extensions.DependencyInjection;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Tests.Prober;

/// <summary>Enqueues jobs as fast as it can, in lanes, and writes down each id that was acknowledged.</summary>
internal static class Producer
{
    private const int Lanes = 20;
    private const int InFlight = 256;
    private const int MaxTries = 100;

    /// <summary>Between tries: a server that is started again takes a second or two.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync(string database, string name, int count)
    {
        await using var services = EffectHost.Build(database, dispatches: false);
        await using var host = await services.StartPosthouse();
        using var acknowledged = new LineFile(database, "acknowledged");
        Console.WriteLine("ready");
        var waiting = new Queue<Task>();
        for (var i = 0; i < count; i++)
        {
            if (waiting.Count == InFlight)
                await waiting.Dequeue();
            waiting.Enqueue(EnqueueAsync(host.Queue, acknowledged, EffectHost.IsShared && i % 2 == 1 ? null : $"{name}-{i % Lanes}", $"{name}-{i:D6}"));
            if (i == count / 5)
                Console.WriteLine("busy");
        }

        await Task.WhenAll(waiting);
        Console.WriteLine("done");
    }

    private static async Task EnqueueAsync(JobQueue queue, LineFile acknowledged, string? lane, string id)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await queue.EnqueueAsync(new Effect(lane), new EnqueueOptions { Id = JobId.Parse(id) });
                acknowledged.Add(id);
                return;
            }
            catch (PosthouseException e) when (e.IsTransient && tries < MaxTries)
            {
                // Repeated with the same id, which is what the code asks for.
                await Task.Delay(_pause);
            }
        }
    }
}
