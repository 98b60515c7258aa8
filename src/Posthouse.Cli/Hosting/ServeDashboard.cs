using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard;
using Posthouse.AspNetCore.Dashboard.Locks;

namespace Posthouse.Cli.Hosting;

/// <summary>The dashboard in the server.</summary>
internal static class ServeDashboard
{
    /// <summary>Characters by which cookies of servers on one machine differ.</summary>
    private const int MarkLength = 8;

    /// <summary>Adds it, where it is wanted.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the token's file cannot be used.</exception>
    public static void Add(IServiceCollection services, Configuration configuration, string folder)
    {
        if (!configuration.IsOn(ConfigurationKeys.DashboardEnabled)) { return; }

        services.AddSingleton<ILockView>(new PocketLocks(new StorePlace(StoreKind.Pocket, Places.OfProcess().Pocket).Database));
        services.AddPosthouseDashboard(new DashboardOptions
        {
            Token = configuration.Text(ConfigurationKeys.DashboardTokenFile) is { } file ? SecretFile.Read(Path.GetFullPath(file)) : null,
            Hosts = configuration.Texts(ConfigurationKeys.DashboardHosts),
            CookieName = "posthouse-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..MarkLength],
        });
    }

    /// <summary>Puts it on the net.</summary>
    public static void Map(WebApplication app, Configuration configuration)
    {
        if (configuration.IsOn(ConfigurationKeys.DashboardEnabled)) { app.MapPosthouseDashboard(); }
    }
}
