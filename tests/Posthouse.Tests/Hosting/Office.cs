using Microsoft.Extensions.DependencyInjection;
using Posthouse.Hosting;
using Posthouse.Queue;

namespace Posthouse.Tests.Hosting;

/// <summary>One process as an application makes it: a bare container with a queue in it. Disposing of it is the process's orderly end.</summary>
internal sealed class Office : IAsyncDisposable
{
    private readonly ServiceProvider _provider;

    private Office(ServiceProvider provider, FarSide farSide, PosthouseHost host) => (_provider, FarSide, Host) = (provider, farSide, host);

    public FarSide FarSide { get; }

    public PosthouseHost Host { get; }

    public JobQueue Queue => Host.Queue;

    public IServiceProvider Services => _provider;

    /// <param name="database">The file; null: memory.</param>
    /// <param name="options">Further options.</param>
    /// <param name="time">Another clock than the system's.</param>
    public static async Task<Office> OpenAsync(string? database, Action<PosthouseOptions>? options = null, TimeProvider? time = null)
    {
        var farSide = new FarSide();
        var services = new ServiceCollection().AddSingleton(farSide);
        if (time is not null)
        {
            services.AddSingleton(time);
        }

        var posthouse = services.AddPosthouse(options).AddPosthouseTestsJobs();
        if (database is not null)
        {
            posthouse.UseSqlite(database);
        }

        var provider = services.BuildServiceProvider();
        return new Office(provider, farSide, await provider.StartPosthouse());
    }

    /// <summary>Reads an owner's events until one of a kind is there, and gives it back.</summary>
    public async Task<T> EventAsync<T>(string? owner = null, Func<T, bool>? which = null)
        where T : JobEvent
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var happened in Queue.Events.ReadAsync(owner, cancellationToken: patience.Token))
        {
            if (happened is T sought && which?.Invoke(sought) is not false)
            {
                return sought;
            }
        }

        throw new InvalidOperationException("The log has no end.");
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _provider.DisposeAsync();
    }

    /// <summary>No test waits for time to pass; this only ends one that would wait for ever.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);
}
