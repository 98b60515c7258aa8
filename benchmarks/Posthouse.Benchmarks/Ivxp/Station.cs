using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Ivxp;
using Posthouse.Hosting;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Benchmarks.Ivxp;

/// <summary>A provider as an operator has it: Kestrel, a store on disk, every guarantee on, and the development chain behind JSON-RPC.</summary>
public sealed class Station : IAsyncDisposable
{
    private readonly Scratch _folder = Scratch.OnDisk();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly WebApplication _app;
    private Task _follower = Task.CompletedTask;

    private Station(int workers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddPosthouse(options =>
            {
                options.Dispatch = new() { Concurrency = workers };
                options.Limits = new() { MaxOpenJobs = 3_000_000, MaxOpenBytes = 8L << 30 };
            })
            .UseSqlite(_folder.File("station.db"))
            .AddIvxp(new IvxpOptions
            {
                Wallet = Wallet.Create(SystemIds.Instance, Secp256k1.Best),
                Network = UsdcNetwork.BaseSepolia,
                RpcUrl = () => Address is { } own ? new Uri(own, IvxpProtocol.Routes.DevChain) : null,
                Services = DevOffers.All(TimeProvider.System),
                MaxOpenQuotes = 1_000_000,
                // One machine plays all clients, whose shares would hold it back.
                Limits = new LimitOptions { RequestsPerMinute = 10_000_000 },
                Push = new PushOptions { AllowPrivateEndpoints = true, PerHostConcurrency = 64, PerHostPerMinute = 1_000_000, PerClientPerHour = 1_000_000 },
            })
            .AddDevChain(UsdcNetwork.BaseSepolia);
        _app = builder.Build();
        _app.MapIvxp();
        _app.MapDevChain();
    }

    public Uri? Address { get; private set; }

    public IStore Store => Get<IStore>();

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<Station> StartAsync(int workers)
    {
        var station = new Station(workers);
        await station._app.StartAsync();
        station.Address = new Uri(station._app.Urls.First());
        station._follower = station.FollowAsync();
        return station;
    }

    /// <summary>Completes when the order's result is stored; says it from the event log, as a dashboard would hear it.</summary>
    public Task StoredAsync(string order) => _waiting.GetOrAdd(order, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _follower;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _stop.Dispose();
        _folder.Dispose();
    }

    private async Task FollowAsync()
    {
        var jobs = Get<IJobStore>();
        var position = 0L;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var last = await jobs.LastPositionAsync();
                foreach (var happened in await jobs.ReadEventsAsync(position, new EventFilter(Room: OrderBook.Room), 1_000))
                {
                    position = happened.Position;
                    if (happened.Kind is "stored_for_pickup" or "stored_for_push")
                    {
                        _ = StoredAsync(happened.Subject);
                        _waiting[happened.Subject].TrySetResult();
                    }
                }

                await jobs.ChangedAsync(last, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }
}
