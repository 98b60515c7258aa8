using Microsoft.AspNetCore.Builder;

namespace Posthouse.Cli.Hosting;

/// <summary>The place of the provider's half of IVXP in the server: its services before the host is built, its addresses after.</summary>
internal static class ServeIvxp
{
    public static void Add(WebApplicationBuilder builder, Configuration configuration, bool dev)
    {
    }

    public static void Map(WebApplication app, Configuration configuration, bool dev)
    {
    }
}
