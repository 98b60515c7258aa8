using Microsoft.Extensions.DependencyInjection;

namespace Posthouse.Jobs;

/// <summary>Where the registry stands in a container.</summary>
public static class JobRegistration
{
    /// <summary>The container's one registry; added if it is not there yet.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: a registry is registered by type or factory, so that it cannot be filled here.</exception>
    public static JobRegistry JobRegistryOf(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.LastOrDefault(s => s.ServiceType == typeof(JobRegistry) && !s.IsKeyedService) is not { } standing)
        {
            standing = ServiceDescriptor.Singleton(new JobRegistry());
            services.Add(standing);
        }

        return standing.ImplementationInstance as JobRegistry ?? throw new PosthouseException(ErrorCodes.OptionsInvalid,
            "A JobRegistry is registered by type or factory. Register an instance: services.AddSingleton(new JobRegistry()).");
    }
}
