using Microsoft.Extensions.Hosting;

namespace Posthouse.Hosting;

/// <summary>
/// Lets a host start the queue before it says that it has started, and stops the host when the queue dies: an application
/// that takes orders nobody carries out would be worse than one that is down.
/// </summary>
internal sealed class HostedQueue(PosthouseHost queue, IHostApplicationLifetime application) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await queue.StartAsync();
        _ = WatchAsync();
    }

    public Task StopAsync(CancellationToken cancellationToken) => queue.StopAsync();

    private async Task WatchAsync()
    {
        await Task.WhenAny(queue.Completion);
        if (queue.Completion.IsFaulted)
        {
            application.StopApplication();
        }
    }
}
