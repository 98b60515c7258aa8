using Microsoft.Extensions.DependencyInjection;
using Posthouse.Files;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.Tests.Prober;

/// <summary>
/// One process that passes every crash point: it enqueues jobs in lanes, with files and inside transactions, runs them, and
/// when all is done removes what is old. Started again after its death, it goes on with what it finds.
/// </summary>
internal static class Everything
{
    public static async Task RunAsync(string database, string name, int count, int bytes)
    {
        var time = new Clock();
        await using var services = EffectHost.Build(database, dispatches: true, time);
        await using var host = await services.StartPosthouse();
        var store = services.GetRequiredService<IJobStore>();
        using var acknowledged = new LineFile(database, "acknowledged");
        Console.WriteLine("ready");
        foreach (var suspect in await host.Queue.ListAsync(new JobQuery { NeedsDecision = true }))
            await host.Queue.RetryAsync(suspect.Id); // Its process was killed three times while it ran.
        var picture = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(database))!, name + ".txt");
        for (var i = 0; i < count; i++)
        {
            var options = new EnqueueOptions { Id = JobId.Parse($"{name}-{i:D6}"), Owner = i % 2 == 0 ? "test" : null };
            var job = new Effect($"{name}-{i % 5}", Filling: new string('x', bytes));
            if (i % 7 == 6)
            {
                await EnqueueInTransactionAsync(store, host.Queue, job, options);
            }
            else if (i % 7 == 3)
            {
                await File.WriteAllTextAsync(picture, options.Id.ToString());
                await host.Queue.EnqueueAsync(job with { File = JobFile.FromPath(picture) }, options);
            }
            else
            {
                await host.Queue.EnqueueAsync(job, options);
            }

            acknowledged.Add(options.Id.ToString()!);
        }

        await EffectHost.UntilIdle(store);
        time.Ahead = TimeSpan.FromHours(2); // Past the hour for which copied files are kept for their jobs.
        await store.SweepAsync(TimeSpan.FromHours(1));
        await store.SweepAsync(TimeSpan.FromHours(1));
        Console.WriteLine("done");
    }

    private static async Task EnqueueInTransactionAsync(IJobStore store, JobQueue queue, Effect job, EnqueueOptions options)
    {
        await using var tx = await store.BeginAsync();
        using var command = tx.Connection.CreateCommand();
        command.CommandText = $"CREATE TABLE IF NOT EXISTS app(id TEXT PRIMARY KEY); INSERT INTO app VALUES ('{options.Id}') ON CONFLICT DO NOTHING";
        command.ExecuteNonQuery();
        await queue.EnqueueAsync(job, tx, options);
        await tx.CommitAsync();
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
