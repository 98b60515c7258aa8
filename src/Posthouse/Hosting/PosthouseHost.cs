using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Connectivity;
using Posthouse.Diagnostics;
using Posthouse.Dispatch;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.Hosting;

/// <summary>
/// The running queue of a process. What has to be true before the first request, the store open and this process entered as
/// a dispatcher, is true when <see cref="StartAsync"/> ends; the engines then run until <see cref="StopAsync"/>.
/// </summary>
public sealed class PosthouseHost : IAsyncDisposable
{
    private readonly IServiceProvider _services;
    private readonly IJobStore _store;
    private readonly CancellationTokenSource _stop = new();
    private Task _engines = Task.CompletedTask;
    private Task? _stopped;
    private bool _started;

    // The store comes as a parameter, so that a container which is disposed of without being stopped ends this first.
    internal PosthouseHost(IServiceProvider services, IJobStore store) => (_services, _store) = (services, store);

    /// <summary>The queue.</summary>
    public JobQueue Queue => _services.GetRequiredService<JobQueue>();

    /// <summary>Ends when an engine ended, by <see cref="StopAsync"/> or by a fault that it then carries.</summary>
    public Task Completion => _engines;

    /// <summary>Takes over from processes that are gone, and starts the engines. Once.</summary>
    /// <exception cref="PosthouseException">The store cannot be used; the code says why.</exception>
    public async Task StartAsync()
    {
        if (_started)
        {
            return;
        }

        _started = true;
        if (_services.GetService<IMeterFactory>() is { } meters)
        {
            QueueGauges.Add(meters, _store, _services.GetRequiredService<IConnectivity>(), _services.GetRequiredService<TimeProvider>());
        }

        var completions = _services.GetRequiredService<Completions>().RunAsync(_stop.Token);
        if (!_services.GetRequiredService<PosthouseOptions>().Dispatches)
        {
            _engines = completions;
            return;
        }

        _services.GetRequiredService<NetworkChangeHints>();
        var dispatcher = _services.GetRequiredService<Dispatcher>();
        await dispatcher.JoinAsync();
        _engines = EndAsync(completions, dispatcher.RunAsync(_stop.Token));
    }

    /// <summary>Stops claiming, lets handlers end within their time, gives the rest back, and closes the store.</summary>
    public Task StopAsync() => _stopped ??= StopOnceAsync();

    /// <summary>Stops, if that was not done. A fault of an engine is told by <see cref="Completion"/> and <see cref="StopAsync"/>, not here.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAny(StopAsync());
        _stop.Dispose();
    }

    private async Task StopOnceAsync()
    {
        _stop.Cancel();
        try
        {
            await _engines;
        }
        catch (OperationCanceledException)
        {
            // The follower of events ends so.
        }
        finally
        {
            await _store.DisposeAsync();
        }
    }

    private async Task EndAsync(Task completions, Task dispatcher)
    {
        if ((await Task.WhenAny(completions, dispatcher)).IsFaulted)
        {
            // The other one would run on, and nobody would hear of the fault.
            _stop.Cancel();
        }

        await Task.WhenAll(completions, dispatcher);
    }
}
