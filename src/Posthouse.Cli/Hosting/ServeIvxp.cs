using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Ivxp;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Cli.Hosting;

/// <summary>The provider's half of IVXP in the server: its services before the host is built, its addresses after.</summary>
internal static class ServeIvxp
{
    /// <summary>Adds a provider if something is for sale; in development something always is.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: a key is missing or cannot be used.</exception>
    public static void Add(WebApplicationBuilder builder, Configuration configuration, bool dev)
    {
        if (!Sells(configuration, dev)) { return; }

        var network = UsdcNetwork.Find(configuration.Required(ConfigurationKeys.Network))!;
        var time = (TimeProvider)builder.Services.Last(service => service.ServiceType == typeof(TimeProvider)).ImplementationInstance!;
        var own = new OwnAddress();
        builder.Services.AddSingleton(own);
        var core = builder.Services.AddPosthouse().AddIvxp(new IvxpOptions
        {
            Wallet = OpenWallet(configuration, dev),
            Network = network,
            RpcUrl = RpcUrl(configuration, dev, own),
            ProviderName = configuration.Required(ConfigurationKeys.ProviderName),
            StrictV10 = configuration.IsOn(ConfigurationKeys.StrictV10),
            Retention = configuration.Duration(ConfigurationKeys.RetentionKeep),
            ArchiveDirectory = configuration.Text(ConfigurationKeys.RetentionArchiveDirectory) is { } archive ? Path.GetFullPath(archive) : null,
            Services = [.. IvxpOffers.Configured(configuration, time), .. dev ? DevOffers.All(time) : []],
            Push = new PushOptions
            {
                Delays = configuration.Durations(ConfigurationKeys.PushDelays),
                Timeout = configuration.Duration(ConfigurationKeys.PushTimeout),
                AllowPrivateEndpoints = configuration.IsOn(ConfigurationKeys.PushAllowPrivateEndpoints),
            },
        });
        if (dev) { core.AddDevChain(network); }
    }

    /// <summary>Puts the provider, and in development its chain, on the net.</summary>
    public static void Map(WebApplication app, Configuration configuration, bool dev)
    {
        if (!Sells(configuration, dev)) { return; }

        app.MapIvxp();
        if (dev) { app.MapDevChain(); }
        app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<OwnAddress>().Value = new Uri(ServeHost.Reachable(app.Urls.First())));
    }

    private static bool Sells(Configuration configuration, bool dev) => dev || configuration.Items(ConfigurationKeys.Services) > 0;

    /// <summary>The configured node; in development else the server's own chain, whose port may be known only once it listens.</summary>
    private static Func<Uri?> RpcUrl(Configuration configuration, bool dev, OwnAddress own)
    {
        if (configuration.Text(ConfigurationKeys.RpcUrl) is { } given)
        {
            var node = new Uri(given);
            return () => node;
        }

        return dev ? () => own.Value is { } server ? new Uri(server, IvxpProtocol.Routes.DevChain) : null : throw new PosthouseException(ErrorCodes.OptionsInvalid,
            $"{ConfigurationKeys.RpcUrl} is needed to read payments: the address of an Ethereum node of {configuration.Text(ConfigurationKeys.Network)}.");
    }

    private static Wallet OpenWallet(Configuration configuration, bool dev)
    {
        if (configuration.Text(ConfigurationKeys.WalletKeyFile) is { } given) { return Wallet.Load(Path.GetFullPath(given), Secp256k1.Best); }
        if (!dev)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"{ConfigurationKeys.WalletKeyFile} is needed to sell: make a key with 'posthouse wallet new --file FILE' and name it there.");
        }

        return WalletFile.OpenOrCreate(Path.Combine(Path.GetFullPath(configuration.Required(ConfigurationKeys.DataDirectory)), "provider.key"));
    }

    /// <summary>The server's own address, once it listens.</summary>
    private sealed class OwnAddress
    {
        public Uri? Value { get; set; }
    }
}
