using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Dispatch;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Benchmarks.Queue;

/// <summary>The job that is measured: 180 characters, as in the peers' runs.</summary>
public sealed record Noop(string Text, string? To = null, string? Lane = null) : IJob<Nothing>
{
    public static readonly Noop Usual = new(new string('x', 180));

    public Nothing OptimisticResult(OptimisticContext context) => default;
}

/// <summary>How the measured job is written.</summary>
[JsonSerializable(typeof(Noop)), JsonSerializable(typeof(Nothing))]
public sealed partial class BenchJson : JsonSerializerContext;

/// <summary>Does nothing, and says when it was called.</summary>
public sealed class NoopHandler(Calls calls) : IJobHandler<Noop, Nothing>
{
    public Task<Outcome<Nothing>> HandleAsync(Noop job, JobContext context, CancellationToken cancellationToken)
    {
        calls.Called();
        return Task.FromResult<Outcome<Nothing>>(default(Nothing));
    }
}

/// <summary>Counts calls.</summary>
public sealed class Calls
{
    private int _count;

    public Action? OnCall { get; set; }

    public int Count => Volatile.Read(ref _count);

    public void Called()
    {
        Interlocked.Increment(ref _count);
        OnCall?.Invoke();
    }
}

/// <summary>The whole queue as an application has it: every guarantee on.</summary>
public sealed class Subject : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private Subject(ServiceProvider services, PosthouseHost host) => (_services, Host) = (services, host);

    public PosthouseHost Host { get; }

    public JobQueue Queue => Host.Queue;

    public Calls Calls => _services.GetRequiredService<Calls>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static Task<Subject> StartAsync(string database, bool dispatches, int concurrency = 10) =>
        StartAsync(builder => builder.UseSqlite(database), dispatches, concurrency);

    public static async Task<Subject> StartAsync(Func<PosthouseBuilder, PosthouseBuilder> use, bool dispatches, int concurrency = 10)
    {
        var services = new ServiceCollection();
        Add(services, use, dispatches, concurrency);
        var provider = services.BuildServiceProvider();
        return new Subject(provider, await provider.StartPosthouse());
    }

    /// <summary>The same in a container of somebody else.</summary>
    public static void Add(IServiceCollection services, Func<PosthouseBuilder, PosthouseBuilder> use, bool dispatches, int concurrency = 10)
    {
        services.AddSingleton<Calls>();
        use(services.AddPosthouse(options =>
            {
                options.Dispatches = dispatches;
                options.Dispatch = new DispatchOptions { Concurrency = concurrency };
                options.Limits = new QueueLimits { MaxOpenJobs = 3_000_000, MaxOpenBytes = 8L << 30 };
            }))
            .AddJobs(registry => registry.Register(new JobDescriptor<Noop, Nothing>("bench.noop", 1, BenchJson.Default.Noop, BenchJson.Default.Nothing)
            {
                DestinationOf = job => job.To ?? "",
                LaneOf = job => job.Lane,
            }))
            .AddHandler<Noop, Nothing, NoopHandler>();
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _services.DisposeAsync();
    }
}
