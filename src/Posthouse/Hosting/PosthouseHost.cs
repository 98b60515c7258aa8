using Microsoft.Extensions.DependencyInjection;
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
    private readonly CancellationTokenSource _stop = new();
    private Task _engines = Task.CompletedTask;
    private bool _started;

    /// <summary>Made by the container.</summary>
    public PosthouseHost(IServiceProvider services) => _services = services;

    /// <summary>The queue.</summary>
    public JobQueue Queue => _services.GetRequiredService<JobQueue>();

    /// <summary>Ends when an engine ended, by <see cref="StopAsync"/> or by a fault that it then carries.</summary>
    public Task Completion => _engines;

    /// <summary>Opens the store, takes over from processes that are gone, and starts the engines. Once.</summary>
    /// <exception cref="PosthouseException">The store cannot be opened; the code says why.</exception>
    public async Task StartAsync()
    {
        if (_started)
        {
            return;
        }

        _started = true;
        _services.GetRequiredService<IJobStore>();
        var completions = _services.GetRequiredService<Completions>().RunAsync(_stop.Token);
        if (!_services.GetRequiredService<PosthouseOptions>().Dispatches)
        {
            _engines = completions;
            return;
        }

        var dispatcher = _services.GetRequiredService<Dispatcher>();
        await dispatcher.JoinAsync();
        _engines = Task.WhenAll(completions, dispatcher.RunAsync(_stop.Token));
    }

    /// <summary>Stops claiming, lets handlers end within their time, gives the rest back, and closes the store.</summary>
    public async Task StopAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        _stop.Cancel();
        try
        {
            await _engines;
        }
        catch (OperationCanceledException)
        {
            // The follower of events ends so.
        }

        await _services.GetRequiredService<IJobStore>().DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
