using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Diagnostics;
using Posthouse.Connectivity;
using Posthouse.Hosting;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// A person's own store with its queue. A verb that only looks or decides leaves the queue to others; one that waits for something runs
/// it in the foreground. Several may run on one pocket at the same time, for every step has one worker.
/// </summary>
internal sealed class Pocket : IAsyncDisposable
{
    /// <summary>Finished steps stay for a person to look at.</summary>
    private static readonly TimeSpan _keep = TimeSpan.FromDays(7);

    /// <summary>A person who pressed Ctrl+C waits for one exchange at most, not for the queue's usual time.</summary>
    private static readonly TimeSpan _stopWithin = TimeSpan.FromSeconds(10);

    private readonly ServiceProvider _services;

    private Pocket(ServiceProvider services) => _services = services;

    public IvxpClient Client => _services.GetRequiredService<IvxpClient>();

    public PushInbox Inbox => _services.GetRequiredService<PushInbox>();

    public IJobStore Jobs => _services.GetRequiredService<IJobStore>();

    /// <summary>Opens a store with a buyer on it; nothing runs yet.</summary>
    /// <param name="folder">The store's folder.</param>
    /// <param name="keyFile">The wallet's key file; it is read when something is to be signed.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Hears which store it is and each request that leaves; null: nobody asked.</param>
    public static Pocket Open(string folder, string keyFile, Configuration configuration, TimeProvider time, VerbLog? log)
    {
        var place = new StorePlace(StoreKind.Pocket, folder);
        place.Prepare();
        var database = place.Database;
        log?.StoreChosen(database);
        var services = new ServiceCollection();
        services.AddSingleton(time);
        services.AddSingleton<IConnectivity>(provider => new PurchaseRoom(time, provider.GetRequiredService<IIds>()));
        services.AddPosthouse(options =>
        {
            options.Limits = QueueSettings.Limits(configuration);
            options.Dispatch = QueueSettings.Dispatch(configuration) with { KeepFinished = _keep, StopWithin = _stopWithin };
        }).UseSqlite(database).AddIvxpClient(new IvxpClientOptions
        {
            Wallet = () => Wallet.Load(keyFile, Secp256k1.Best),
            RpcUrl = configuration.Text(ConfigurationKeys.RpcUrl) is { } node ? new Uri(node) : null,
        }, Road(time, log));
        return new Pocket(services.BuildServiceProvider());
    }

    /// <summary>The way out to providers and to the node, which the log hears.</summary>
    public static IExchange Road(TimeProvider time, VerbLog? log)
    {
        var exchange = new HttpExchange(new HttpMessageInvoker(GuardedHandlers.Create()), time);
        return log?.Over(exchange) ?? exchange;
    }

    /// <summary>Runs the queue until this is disposed of.</summary>
    public Task StartAsync() => _services.StartPosthouse();

    public async ValueTask DisposeAsync()
    {
        await _services.GetRequiredService<PosthouseHost>().StopAsync();
        await _services.DisposeAsync();
    }
}
