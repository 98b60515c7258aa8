using Microsoft.Extensions.DependencyInjection;
using Posthouse.Connectivity;
using Posthouse.Retry;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Hosting;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>A person's pocket with the room of locks and sync in it.</summary>
internal static class VcsPocket
{
    /// <summary>The container; the store is opened when something first asks for it.</summary>
    public static ServiceProvider Container(StorePlace place, Configuration configuration, TimeProvider time, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        more?.Invoke(services);
        services.AddSingleton(time);
        services.AddSingleton<ProjectRoom>();
        services.AddSingleton(_ => new HttpMessageInvoker(GuardedHandlers.Create()));
        services.AddSingleton<IConnectivity>(provider => provider.GetRequiredService<ProjectRoom>());
        services.AddPosthouse(options =>
        {
            options.Limits = QueueSettings.Limits(configuration);
            options.Dispatch = QueueSettings.Dispatch(configuration) with { KeepFinished = configuration.Duration(ConfigurationKeys.SyncCleanupAfter) };
        })
            .UseSqlite(place.Database)
            .AddVcs(place.Folder, Sync(configuration), Locks(configuration), Git(configuration), provider => new LockBackend(provider, configuration).OpenAsync);
        return services.BuildServiceProvider();
    }

    /// <summary>The lease rules as they are configured.</summary>
    public static LockOptions Locks(Configuration configuration) => new()
    {
        Lease = configuration.Duration(ConfigurationKeys.LocksTimeout),
        ClockSkewTolerance = configuration.Duration(ConfigurationKeys.LocksClockSkewTolerance),
        TakeoverGrace = configuration.Duration(ConfigurationKeys.LocksTakeoverGrace),
        Client = "posthouse/" + (typeof(VcsPocket).Assembly.GetName().Version?.ToString(3) ?? "0"),
    };

    /// <summary>How operations are queued and tried again, as it is configured.</summary>
    public static SyncOptions Sync(Configuration configuration) => new()
    {
        MaxEntries = Whole(configuration, ConfigurationKeys.SyncMaxEntries),
        MaxAttempts = Whole(configuration, ConfigurationKeys.SyncMaxAttempts),
        MaxAge = configuration.Duration(ConfigurationKeys.SyncMaxAge),
        AcquireMaxAge = configuration.Duration(ConfigurationKeys.SyncAcquireMaxAge),
        RequireLatest = configuration.IsOn(ConfigurationKeys.LocksRequireLatest),
        StagedThresholdBytes = configuration.Count(ConfigurationKeys.PushStagedThreshold),
        BatchBytes = configuration.Count(ConfigurationKeys.PushBatch),
        ProbeInterval = configuration.Duration(ConfigurationKeys.NetworkProbeInterval),
        LockPlan = Plan(configuration, ConfigurationKeys.NetworkMaxBackoff),
        TransferPlan = Plan(configuration, ConfigurationKeys.NetworkTransferMaxBackoff),
    };

    private static GitOptions Git(Configuration configuration) => new()
    {
        StallBytesPerSecond = Whole(configuration, ConfigurationKeys.NetworkStallBytesPerSecond),
        StallTime = configuration.Duration(ConfigurationKeys.NetworkStallTime),
    };

    private static Backoff Plan(Configuration configuration, string cap) => SyncOptions.Plan(configuration.Duration(cap)) with
    {
        Base = configuration.Duration(ConfigurationKeys.NetworkInitialBackoff),
        MaxAttempts = Whole(configuration, ConfigurationKeys.SyncMaxAttempts),
        MaxAge = configuration.Duration(ConfigurationKeys.SyncMaxAge),
        Jitter = configuration.Required(ConfigurationKeys.NetworkJitter) switch
        {
            "equal" => Jitter.Equal,
            "full" => Jitter.Full,
            "none" => Jitter.None,
            var other => throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{ConfigurationKeys.NetworkJitter} is '{other}'; equal, full and none are taken."),
        },
    };

    private static int Whole(Configuration configuration, string key) => (int)Math.Min(configuration.Count(key), int.MaxValue);
}
