using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Connectivity;
using Posthouse.Diagnostics;
using Posthouse.Dispatch;
using Posthouse.Files;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Retry;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Storage.Memory;
using Posthouse.Storage.Sqlite;

namespace Posthouse;

/// <summary>Puts the queue into a container. Everything is added with TryAdd: what an application added before stays.</summary>
public static class PosthouseRegistration
{
    /// <summary>
    /// Adds the queue. Where a host runs, it starts and stops the queue; without one, <see cref="StartPosthouse"/> does. May be
    /// called again, by a room for example: all calls speak of one queue.
    /// </summary>
    /// <param name="services">The container to be.</param>
    /// <param name="configure">Changes the defaults.</param>
    public static PosthouseBuilder AddPosthouse(this IServiceCollection services, Action<PosthouseOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var registry = services.JobRegistryOf();
        var options = OptionsOf(services);
        configure?.Invoke(options);
#pragma warning disable RS0030 // The composition root names the system's clock.
        services.TryAddSingleton(TimeProvider.System);
#pragma warning restore RS0030
        services.TryAddSingleton<IIds>(SystemIds.Instance);
        services.TryAddSingleton<IConnectivity>(provider => new DestinationHealth(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IIds>()));
        services.TryAddSingleton<NetworkChangeHints>();
        services.TryAddSingleton<IFailureClassifier, FailureClassifier>();
        AddStore(services);
        AddQueue(services);
        services.TryAddSingleton(provider => new PosthouseHost(provider, provider.GetRequiredService<IJobStore>()));
        services.AddHostedService<HostedQueue>();
        return new PosthouseBuilder(services, registry, options);
    }

    /// <summary>Opens the store and starts the queue of a container without a host; disposing of it stops it.</summary>
    /// <exception cref="PosthouseException">The store cannot be opened; the code says why.</exception>
    public static async Task<PosthouseHost> StartPosthouse(this IServiceProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        var host = provider.GetService<PosthouseHost>() ?? throw new InvalidOperationException(
            "Posthouse is not in this container. Add it: services.AddPosthouse().UseSqlite(\"app.db\");");
        await host.StartAsync();
        return host;
    }

    private static PosthouseOptions OptionsOf(IServiceCollection services)
    {
        if (services.LastOrDefault(s => s.ServiceType == typeof(PosthouseOptions))?.ImplementationInstance is PosthouseOptions standing)
        {
            return standing;
        }

        var options = new PosthouseOptions();
        services.AddSingleton(options);
        return options;
    }

    private static void AddStore(IServiceCollection services)
    {
        services.TryAddSingleton<DefaultCustody>();
        services.TryAddSingleton<IJobStore>(provider =>
        {
            var options = provider.GetRequiredService<PosthouseOptions>();
            var (time, ids) = (provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IIds>());
            return options.Database is null
                ? new MemoryJobStore(time, ids, options.Limits)
                : SqliteJobStore.Open(new SqliteStoreOptions
                {
                    Path = options.Database,
                    Limits = options.Limits,
                    Parts = [.. provider.GetServices<SchemaPart>()],
                    Files = Custody(provider),
                    Time = time,
                    Ids = ids,
                    Watch = new StoreWatch(Logger<SqliteJobStore>(provider), provider.GetRequiredService<PosthouseMetrics>(), time),
                }, provider.GetRequiredService<JobRegistry>());
        });
        services.TryAddSingleton(provider => provider.GetRequiredService<IJobStore>() as IStore ?? throw new InvalidOperationException(
            "Rooms need a database. Add one: services.AddPosthouse().UseSqlite(\"app.db\");"));
    }

    private static void AddQueue(IServiceCollection services)
    {
        services.TryAddSingleton(provider => provider.GetService<IMeterFactory>() is { } meters ? new PosthouseMetrics(meters) : PosthouseMetrics.Unwatched);
        services.TryAddSingleton(provider => new JobEventReader(provider.GetRequiredService<JobRegistry>()));
        services.TryAddSingleton(provider => new ProgressFeed(provider.GetRequiredService<TimeProvider>(), Logger<ProgressFeed>(provider)));
        services.TryAddSingleton(provider => new JobEvents(
            provider.GetRequiredService<IJobStore>(), provider.GetRequiredService<JobEventReader>(), provider.GetRequiredService<ProgressFeed>()));
        services.TryAddSingleton(provider => new Completions(
            provider.GetRequiredService<IJobStore>(), provider.GetRequiredService<JobEventReader>(), provider.GetRequiredService<ProgressFeed>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new JobQueue(
            provider.GetRequiredService<IJobStore>(), provider.GetRequiredService<JobRegistry>(),
            new JobDrafts(provider.GetRequiredService<JobRegistry>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IIds>()),
            provider.GetRequiredService<JobEvents>(), provider.GetRequiredService<Completions>(), provider.GetRequiredService<PosthouseMetrics>(),
            Custody(provider)));
        services.TryAddSingleton(provider => new JobRunner(
            provider, provider.GetRequiredService<JobRegistry>(), provider.GetRequiredService<IFailureClassifier>(), provider.GetRequiredService<IConnectivity>(),
            provider.GetRequiredService<ProgressFeed>(), provider.GetRequiredService<PosthouseMetrics>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IIds>(), Logger<JobRunner>(provider), Custody(provider)));
        services.TryAddSingleton(provider => new Dispatcher(
            provider.GetRequiredService<IJobStore>(), provider.GetRequiredService<JobRegistry>(), provider.GetRequiredService<JobRunner>(),
            provider.GetRequiredService<IConnectivity>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<PosthouseOptions>().Dispatch,
            Logger<Dispatcher>(provider)));
    }

    /// <summary>The application's own custody, else a folder beside the database, else none.</summary>
    internal static IFileCustody? Custody(IServiceProvider provider) =>
        provider.GetService<IFileCustody>() ?? provider.GetRequiredService<DefaultCustody>().Vault;

    internal static ILogger Logger<T>(IServiceProvider provider) =>
        provider.GetService<ILoggerFactory>()?.CreateLogger(typeof(T).FullName!) ?? NullLogger.Instance;

    /// <summary>One vault for the whole container, made when the first store or queue asks for it.</summary>
    private sealed class DefaultCustody(PosthouseOptions options, TimeProvider time, IIds ids)
    {
        private readonly Lazy<FolderVault?> _vault = new(() => (options.Vault ?? Beside(options.Database)) is { } folder
            ? new FolderVault(folder, time, ids, options.Limits.MaxFileBytes)
            : null);

        public IFileCustody? Vault => _vault.Value;

        private static string? Beside(string? database) =>
            database is null ? null : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(database))!, "vault");
    }
}
