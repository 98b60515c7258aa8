using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Files;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Storage;

namespace Posthouse.Tests.Prober;

/// <summary>A job with an effect that can be counted: a line in a file.</summary>
/// <param name="Lane">Its lane, or null.</param>
/// <param name="Hangs">Whether its first run waits until it is told to stop.</param>
/// <param name="Filling">Makes it large.</param>
internal sealed record Effect(string? Lane = null, bool Hangs = false, string Filling = "") : IJob<Nothing>
{
    public JobFile? File { get; init; }

    public Nothing OptimisticResult(OptimisticContext context) => default;
}

[JsonSerializable(typeof(Effect))]
[JsonSerializable(typeof(Nothing))]
internal sealed partial class EffectJson : JsonSerializerContext;

/// <summary>The far side: it writes down the key of each request, in the order in which they come.</summary>
internal sealed class FarSide(LineFile effects) : IJobHandler<Effect, Nothing>
{
    public async Task<Outcome<Nothing>> HandleAsync(Effect job, JobContext context, CancellationToken cancellationToken)
    {
        if (job.Hangs && context.Fence == 1)
        {
            Console.WriteLine("running " + context.Id);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        if (job.File is { } file)
        {
            using var stream = context.OpenFile(file);
            await stream.CopyToAsync(Stream.Null, cancellationToken);
        }

        effects.Add(context.IdempotencyKey);
        return Outcome.Done(default(Nothing));
    }
}

/// <summary>A file of lines that survives kill -9: the system has each line when <see cref="Add"/> returns.</summary>
internal sealed class LineFile : IDisposable
{
    private readonly FileStream _file;

    public LineFile(string database, string kind)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(database))!, kind)).FullName;
        _file = new FileStream(Path.Combine(folder, $"{Environment.ProcessId}.log"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    public void Add(string line)
    {
        lock (_file)
            _file.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
    }

    public void Dispose() => _file.Dispose();
}

internal static class EffectHost
{
    /// <summary>A PostgreSQL server as Npgsql writes it, where the jobs are to live in one; the database's folder then has only what the processes write down.</summary>
    private static readonly string? _server = Environment.GetEnvironmentVariable("PROBER_POSTGRES");

    /// <summary>How long a lease lasts; null: as the product has it.</summary>
    private static readonly string? _lease = Environment.GetEnvironmentVariable("PROBER_LEASE_SECONDS");

    /// <summary>Whether several machines could share the work.</summary>
    public static bool IsShared => _server is not null;

    /// <summary>The queue as an application would have it.</summary>
    public static ServiceProvider Build(string database, bool dispatches, TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        if (time is not null)
            services.AddSingleton(time);
        services.AddSingleton(new LineFile(database, "effects"));
        var builder = services.AddPosthouse(options =>
        {
            options.Dispatches = dispatches;
            options.Dispatch = _lease is null ? options.Dispatch : options.Dispatch with { Lease = TimeSpan.FromSeconds(int.Parse(_lease)) };
        });
        (_server is null ? builder.UseSqlite(database) : builder.UsePostgres(_server))
            .AddJobs(registry => registry.Register(new JobDescriptor<Effect, Nothing>("effect", 1, EffectJson.Default.Effect, EffectJson.Default.Nothing)
            {
                LaneOf = job => job.Lane,
                FilesOf = job => job.File is { } file ? [file] : [],
                ReplaceFiles = (job, files) => job with { File = files[0] },
            }))
            .AddHandler<Effect, Nothing, FarSide>();
        return services.BuildServiceProvider();
    }

    /// <summary>Returns when no job is open; each look follows a change.</summary>
    public static async Task UntilIdle(IJobStore store)
    {
        while (true)
        {
            var position = await store.LastPositionAsync();
            if ((await store.CountAsync()).Open == 0)
                return;
            await store.ChangedAsync(position, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        }
    }
}
