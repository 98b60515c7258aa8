using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Ivxp;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>The provider's half of IVXP in the server: its services before the host is built, its addresses after.</summary>
internal static class ServeIvxp
{
    /// <summary>A gwei more is no fee but a mistake, and would not fit into wei.</summary>
    private const decimal MaxGwei = 1_000_000;

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
            PublicUrl = configuration.Text(ConfigurationKeys.PublicUrl) is { } address ? new Uri(address) : null,
            FlatDialect = configuration.IsOn(ConfigurationKeys.FlatDialect),
            CorsOrigins = configuration.Texts(ConfigurationKeys.CorsOrigins),
            Limits = Limits(configuration),
            StrictV10 = configuration.IsOn(ConfigurationKeys.StrictV10),
            Retention = configuration.Duration(ConfigurationKeys.RetentionKeep),
            ArchiveDirectory = configuration.Text(ConfigurationKeys.RetentionArchiveDirectory) is { } archive ? Path.GetFullPath(archive) : null,
            ResultDirectory = SharedFolder.Results(configuration),
            Services = [.. IvxpOffers.Configured(configuration, time), .. dev ? DevOffers.All(time) : []],
            WorkAttempts = (int)Math.Min(configuration.Count(ConfigurationKeys.WorkAttempts), int.MaxValue),
            Push = PushSettings.Push(configuration),
            Notices = PushSettings.Notices(configuration) with { LinkBase = LinkBase(configuration, dev, own) },
            PaymentRule = new PaymentRule(
                (int)Math.Min(configuration.Count(ConfigurationKeys.PaymentsConfirmations), int.MaxValue), configuration.Duration(ConfigurationKeys.PaymentsGrace)),
            Contract = Contract(configuration),
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

    /// <summary>Refuses a node of another chain before anything is sold; one that is away is asked again later.</summary>
    public static Task CheckChainAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetService<ChainCheck>() is { } check ? check.AtStartAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Refuses a wallet that is not that of the other servers of the same database.</summary>
    public static Task CheckWalletAsync(IServiceProvider services, StartingServer starting) => services.GetService<IvxpOptions>() is { } shop
        ? StationWallet.CheckAsync(services.GetRequiredService<IStore>(), shop.Wallet.Address.ToString(), starting)
        : Task.CompletedTask;

    private static ContractOptions? Contract(Configuration configuration)
    {
        if (configuration.Text(ConfigurationKeys.ContractAddress) is not { } address) { return null; }

        var cap = Math.Min(configuration.Amount(ConfigurationKeys.ContractMaxFeeGwei), MaxGwei) * GasFees.WeiPerGwei;
        return new ContractOptions(EthereumAddress.Parse(address)) { Fees = new FeeRule((long)Math.Max(cap, 1)) };
    }

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

    private static LimitOptions Limits(Configuration configuration)
    {
        return new LimitOptions
        {
            RequestsPerMinute = Number(ConfigurationKeys.LimitRequests),
            UnknownOrdersPerMinute = Number(ConfigurationKeys.LimitUnknownOrders),
            ClaimsPerMinute = Number(ConfigurationKeys.LimitClaims),
            OpenStreams = Number(ConfigurationKeys.LimitStreams),
            OpenStreamsPerClient = Number(ConfigurationKeys.LimitStreamsPerClient),
        };

        int Number(string key) => (int)Math.Min(configuration.Count(key), int.MaxValue);
    }

    /// <summary>The configured address; in development else the server's own, which its clients share a machine with.</summary>
    private static Func<Uri?> LinkBase(Configuration configuration, bool dev, OwnAddress own)
    {
        var given = configuration.Text(ConfigurationKeys.PublicUrl) is { } text ? new Uri(text) : null;
        return () => given ?? (dev ? own.Value : null);
    }

    private static Wallet OpenWallet(Configuration configuration, bool dev)
    {
        if (configuration.Text(ConfigurationKeys.WalletKeyFile) is { } given) { return Wallet.Load(Path.GetFullPath(given), Secp256k1.Best); }
        if (!dev)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"{ConfigurationKeys.WalletKeyFile} is needed to sell: make a key with 'posthouse wallet new --file FILE' and name it there.");
        }

        return WalletFile.OpenOrCreate(Path.Combine(Path.GetFullPath(configuration.Required(ConfigurationKeys.DataDirectory)), WalletFile.Station));
    }

    /// <summary>The server's own address, once it listens.</summary>
    private sealed class OwnAddress
    {
        public Uri? Value { get; set; }
    }
}
