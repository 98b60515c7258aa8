using Microsoft.Extensions.DependencyInjection;
using Posthouse.Hosting;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.AspNetCore.Dashboard;

/// <summary>A dashboard on a seller's own store.</summary>
internal static class SellerDashboard
{
    public static async Task<DashboardStage> OfAsync(ProviderStage seller)
    {
        var stage = await DashboardStage.StartAsync(more: services => Share(seller, services));
        // Made last, so that it is the first to go.
        stage.Services.GetRequiredService<ClosingTime>();
        return stage;
    }

    private static void Share(ProviderStage seller, IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(seller.Time);
        services.AddSingleton(seller.Get<IJobStore>());
        services.AddSingleton(seller.Store);
        services.AddSingleton(seller.Get<OrderBook>());
        services.AddSingleton(seller.Get<IvxpOptions>());
        services.AddSingleton(_ => new ClosingTime(seller));
    }

    /// <summary>Whoever closes the store has to wait for the seller.</summary>
    private sealed class ClosingTime(ProviderStage seller) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(seller.Get<PosthouseHost>().StopAsync());
    }
}
