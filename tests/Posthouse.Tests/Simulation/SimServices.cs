using Microsoft.Extensions.DependencyInjection;
using Posthouse.Jobs;

namespace Posthouse.Tests.Simulation;

/// <summary>Gives a node's one handler to whoever asks. A real container compiles itself on threads that no seed decides about.</summary>
internal sealed class SimServices(QueueHandler handler) : IServiceProvider, IServiceScopeFactory, IServiceScope
{
    public IServiceProvider ServiceProvider => this;

    public object? GetService(Type serviceType) =>
        serviceType == typeof(IServiceScopeFactory) ? this
        : serviceType.IsInstanceOfType(handler) ? handler
        : null;

    public IServiceScope CreateScope() => this;

    public void Dispose()
    {
    }
}
