using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Mesh;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;
using Posthouse.Redis;

namespace Posthouse.Cli.Hosting;

/// <summary>A node of the price mesh in the server.</summary>
internal static class ServeMesh
{
    /// <summary>The node's folder in the server's.</summary>
    public const string Folder = "mesh";

    /// <summary>Connections that a node opens where few are wanted.</summary>
    private const int Outbound = 8;

    /// <summary>Adds a node, where one is wanted.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: a key is missing or cannot be used.</exception>
    public static void Add(IServiceCollection services, Configuration configuration, string folder)
    {
        if (!configuration.IsOn(MeshKeys.Enabled)) { return; }

        if (configuration.Text(MeshKeys.RedisEndpoint) is { } endpoint)
        {
            services.AddRedisPrices(new RedisPriceOptions
            {
                Endpoint = endpoint,
                Password = configuration.Text(MeshKeys.RedisPasswordFile) is { } file ? SecretFile.Read(file) : null,
                Tls = configuration.IsOn(MeshKeys.RedisTls),
            });
        }

        services.AddMesh(Options(configuration, folder));
    }

    /// <summary>Puts the node on the net. In development others on this machine are told where it is.</summary>
    public static void Map(WebApplication app, Configuration configuration, bool dev)
    {
        if (!configuration.IsOn(MeshKeys.Enabled)) { return; }

        app.MapMesh();
        if (dev && configuration.Text(MeshKeys.Address) is null)
        {
            app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<MeshHost>().Node.Listen(ServeHost.Reachable(app.Urls.First())));
        }
    }

    private static MeshOptions Options(Configuration configuration, string folder)
    {
        var interval = configuration.Duration(MeshKeys.Interval);
        var minPeers = Whole(configuration, MeshKeys.MinPeers);
        return new()
        {
            Folder = Path.Combine(folder, Folder),
            Network = configuration.Required(MeshKeys.Network),
            Seeds = configuration.Texts(MeshKeys.Seeds),
            Address = configuration.Text(MeshKeys.Address),
            Trust = Choice<TrustMode>(configuration, MeshKeys.Trust),
            Providers = [.. configuration.Texts(MeshKeys.Providers).Select(id => Node(MeshKeys.Providers, id))],
            Banned = [.. configuration.Texts(MeshKeys.Banned).Select(id => Node(MeshKeys.Banned, id))],
            Operators = configuration.Texts(MeshKeys.Operators),
            CertificateFile = configuration.Text(MeshKeys.CertificateFile),
            Source = Source(configuration),
            Provide = configuration.IsOn(MeshKeys.Provide),
            Slots = new() { Interval = interval, MinGrace = configuration.Duration(MeshKeys.Grace) },
            Promotion = new() { Promote = configuration.IsOn(MeshKeys.Promote) },
            Prices = new()
            {
                Aggregation = new() { Interval = interval, Discrepancy = configuration.Amount(MeshKeys.DiscrepancyPercent) / 100, Rule = Choice<AggregationRule>(configuration, MeshKeys.Rule) },
                Expiry = new() { Rules = Rules(configuration) },
            },
            Offline = new() { Extended = configuration.Duration(MeshKeys.OfflineAfter) },
            Outbound = Math.Max(Outbound, minPeers),
            MaxInbound = Whole(configuration, MeshKeys.MaxPeers),
            MinPeers = minPeers,
            CorsOrigins = configuration.Texts(MeshKeys.CorsOrigins),
            TokenFile = configuration.Text(MeshKeys.TokenFile),
        };
    }

    private static SourceOptions? Source(Configuration configuration) => configuration.Text(MeshKeys.SourceUse) is not { } use ? null : new()
    {
        Use = use,
        Assets = configuration.Texts(MeshKeys.SourceAssets),
        KeyFile = configuration.Text(MeshKeys.SourceKeyFile),
        KeyVariable = configuration.Text(MeshKeys.SourceKeyVariable),
        ReplayFile = configuration.Text(MeshKeys.SourceReplayFile),
        Speed = (double)configuration.Amount(MeshKeys.SourceSpeed),
        Faults = configuration.Text(MeshKeys.SourceFaults),
    };

    private static ExpiryRule[] Rules(Configuration configuration) =>
    [
        .. Enumerable.Range(0, configuration.Items(MeshKeys.Expiry)).Select(at => new ExpiryRule(
            new(configuration.Required($"{MeshKeys.Expiry}:{at}:Assets")),
            Choice<ExpiryKind>(configuration, $"{MeshKeys.Expiry}:{at}:Kind"),
            configuration.Duration($"{MeshKeys.Expiry}:{at}:Age"))),
    ];

    private static NodeId Node(string key, string text) => NodeId.TryParse(text, out var id) ? id : throw new PosthouseException(ErrorCodes.OptionsInvalid,
        $"{key}: '{text}' is no node's id; 'posthouse serve' on that machine prints it.");

    private static int Whole(Configuration configuration, string key) => (int)Math.Min(configuration.Count(key), int.MaxValue);

    private static T Choice<T>(Configuration configuration, string key)
        where T : struct, Enum
    {
        var text = configuration.Required(key);
        var plain = text.Replace("-", "", StringComparison.Ordinal);
        return Enum.TryParse<T>(plain, ignoreCase: true, out var choice) && Enum.IsDefined(choice) && !plain.Any(char.IsAsciiDigit)
            ? choice
            : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{configuration.SourceOf(key)}: '{text}' is none of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");
    }
}
