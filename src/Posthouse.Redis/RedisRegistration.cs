using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Wire;

namespace Posthouse.Redis;

/// <summary>Adds the shared tier to a host.</summary>
public static class RedisRegistration
{
    /// <summary>Lets the price mesh of this host keep its prices in Redis too. The first call counts.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">The server.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: an option is out of its range.</exception>
    public static IServiceCollection AddRedisPrices(this IServiceCollection services, RedisPriceOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        options.Demand();
        services.TryAddSingleton<IPriceTierFactory>(new Factory(options));
        return services;
    }

    private sealed class Factory(RedisPriceOptions options) : IPriceTierFactory
    {
        public IPriceTier Open(NetworkId network, StoredCheck check, TimeProvider time) => new RedisTier(options, network, check, time);
    }
}
