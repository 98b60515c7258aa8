using Microsoft.Extensions.DependencyInjection;
using Posthouse.Connectivity;
using Posthouse.Hosting;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage;
using Posthouse.Tests.Postgres;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Ivxp.Client;

/// <summary>A buyer with a real store and a real dispatcher under a clock that the test moves; the road to the provider is the test's.</summary>
internal sealed class PocketStage : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly IExchange _exchange;
    private readonly Uri? _node;
    private ServiceProvider _services = null!;

    private PocketStage(IExchange exchange, ManualTimeProvider time, Uri? node) => (_exchange, Time, _node) = (exchange, time, node);

    public ManualTimeProvider Time { get; }

    public Wallet Wallet { get; } = Wallet.Create(new SeededIds(2), Secp256k1.Best);

    public IvxpClient Client => _services.GetRequiredService<IvxpClient>();

    public PushInbox Inbox => _services.GetRequiredService<PushInbox>();

    public IJobStore Jobs => _services.GetRequiredService<IJobStore>();

    public static async Task<PocketStage> StartAsync(IExchange exchange, ManualTimeProvider? time = null, Uri? node = null)
    {
        var stage = new PocketStage(exchange, time ?? new ManualTimeProvider(), node);
        await stage.OpenAsync();
        return stage;
    }

    /// <summary>The process ends and another one begins on what is stored.</summary>
    public async Task RestartAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    public Task<Purchase> BuyAsync(string service = "echo", int budget = 5) =>
        Client.BuyAsync(new PurchaseRequest(SmallProvider.Url, service, "hello", UsdcAmount.FromUnits(budget * 1_000_000L)));

    /// <summary>Lets time pass, from one due job to the next and never while one runs, until the purchase fits or stopped.</summary>
    public async Task<Purchase> UntilAsync(Purchase purchase, Func<Purchase, bool> fits)
    {
        using var net = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var position = await Jobs.LastPositionAsync();
            var now = (await Client.Book.GetAsync(purchase.Id)).ShouldNotBeNull();
            if (fits(now))
                return now;
            if (now.FailureCode is not null)
                throw new InvalidOperationException($"It stopped: {now.Failure}");
            var counts = await Jobs.CountAsync();
            if (counts is { Ready: 0, Running: 0, NextDue: { } due } && due > Time.GetUtcNow())
                Pass(due - Time.GetUtcNow() + TimeSpan.FromMilliseconds(1));
            else if (counts is { Ready: > 0, Running: 0 })
                Pass(TimeSpan.FromSeconds(1)); // A provider that was away is probed from time to time.
            await Task.WhenAny(Jobs.ChangedAsync(position, net.Token), Task.Delay(20, net.Token));
            net.Token.ThrowIfCancellationRequested();
        }
    }

    public Task<Purchase> ThroughAsync(Purchase purchase) => UntilAsync(purchase, now => now.Step is PurchaseStep.Through);

    public Task<Purchase> StoppedAsync(Purchase purchase) => UntilAsync(purchase, now => now.FailureCode is not null);

    public void Pass(TimeSpan by)
    {
        Time.Advance(by);
        Jobs.Wake();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    private async Task OpenAsync()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.AddPosthouse().UseTestStore(_folder.File("pocket.db")).AddIvxpClient(new IvxpClientOptions { Wallet = () => Wallet, RpcUrl = _node }, _exchange);
        _services = services.BuildServiceProvider();
        await _services.StartPosthouse();
    }

    private async Task CloseAsync()
    {
        await _services.GetRequiredService<PosthouseHost>().StopAsync();
        await _services.DisposeAsync();
    }
}
