using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Posthouse.AspNetCore.Dashboard.Live;
using Posthouse.AspNetCore.Dashboard.Queue;
using Posthouse.Diagnostics;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Selling;
using Posthouse.Queue;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard;

/// <summary>Puts the dashboard into a container.</summary>
public static class DashboardRegistration
{
    /// <summary>Adds the dashboard of the queue, and of those rooms that are there too. <c>MapPosthouseDashboard</c> puts it on the net.</summary>
    /// <param name="services">The host's services; <c>AddPosthouse</c> is called on them too.</param>
    /// <param name="options">Who may look; null: whoever sits at this machine.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: the token is too short.</exception>
    public static IServiceCollection AddPosthouseDashboard(this IServiceCollection services, DashboardOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton((options ?? new DashboardOptions()).Checked());
        services.TryAddSingleton(provider => new DashboardEdge(provider.GetRequiredService<DashboardOptions>(), provider));
        services.TryAddSingleton(provider => new Reading<QueueStanding>(() => QueueStanding.CountAsync(provider.GetRequiredService<JobQueue>(), provider.GetRequiredService<IJobStore>()), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => new Reading<Sales>(() => SalesAsync(provider), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<QueueHistory>();
        services.AddHostedService(provider => provider.GetRequiredService<QueueHistory>());
        return services;
    }

    /// <summary>How many orders stand where, and what they earned. Asked only where something is sold.</summary>
    private static Task<Sales> SalesAsync(IServiceProvider provider) =>
        provider.GetRequiredService<OrderBook>().ReadAsync(read => Sales.Count(read, provider.GetRequiredService<TimeProvider>().GetUtcNow()));
}
