using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Providers.Sources;

namespace Posthouse.Mesh.Hosting;

/// <summary>Registers a node of the price mesh.</summary>
public static class MeshRegistration
{
    /// <summary>Adds a node, which starts and stops with the host. <c>MapMesh</c> puts it on the net.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">How.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: an option is out of its range.</exception>
    public static IServiceCollection AddMesh(this IServiceCollection services, MeshOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
#pragma warning disable RS0030 // A composition root names the system's clock.
        services.TryAddSingleton(TimeProvider.System);
#pragma warning restore RS0030
        services.TryAddSingleton<IIds>(SystemIds.Instance);
        services.TryAddSingleton(options.Checked());
        services.TryAddSingleton<MeshHost>();
        services.AddHostedService(provider => provider.GetRequiredService<MeshHost>());
        return services;
    }
}

/// <summary>The life of a node in a host.</summary>
/// <param name="options">How.</param>
/// <param name="provider">The host's services.</param>
internal sealed class MeshHost(MeshOptions options, IServiceProvider provider) : IHostedLifecycleService, IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(GuardedHandlers.Create());
    private MeshNode? _node;

    /// <summary>The node.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.StoreUnavailable"/>: it does not run yet, or any more.</exception>
    public MeshNode Node => _node ?? throw new PosthouseException(ErrorCodes.StoreUnavailable, "The node of the price mesh is not running.");

    /// <summary>Whether there is a node: its prices are loaded, and it is not being stopped.</summary>
    public bool IsRunning => _node is not null;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        var log = (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("Posthouse.Mesh");
        _node = await MeshNode.StartAsync(
            options, provider.GetService<IPriceTierFactory>(), new HttpExchange(_invoker, time), new SocketDial(_invoker), new PeerDial(_invoker), provider.GetRequiredService<IIds>(), time, log);
        if (provider.GetService<IMeterFactory>() is { } meters)
            await MeshMeter.AddAsync(meters, _node, time);
    }

    /// <summary>Leaves the mesh before the web server stops: that one waits for open connections, and those of peers end only from here.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => _node is { } node ? node.LeaveAsync() : Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _node, null) is { } node)
            await node.DisposeAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
