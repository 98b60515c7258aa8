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

    /// <summary>Connections that a node opens at most: as many as its place in the mesh needs (<see cref="MeshOptions.Outbound"/>).</summary>
    private const int MaxOutbound = 8;

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

        if (configuration.IsOn(MeshKeys.Postgres)) { KeepPrices(services, configuration); }

        services.AddMesh(Options(configuration, folder));
    }

    private static void KeepPrices(IServiceCollection services, Configuration configuration)
    {
        var database = StationDatabase.Of(configuration) ?? throw new PosthouseException(ErrorCodes.OptionsInvalid,
            $"{configuration.SourceOf(MeshKeys.Postgres)}: {MeshKeys.Postgres} wants a database; {StoreKeys.Connection} names none.");
        if (configuration.Text(MeshKeys.RedisEndpoint) is not null)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{MeshKeys.Postgres} and {MeshKeys.RedisEndpoint} both name what nodes share; a node shares one of them.");
        }

        StationPostgres.KeepPrices(services, database);
    }

    /// <summary>Puts the node on the net. In development others on this machine are told where it is.</summary>
    public static void Map(WebApplication app, Configuration configuration, bool dev)
    {
        if (!configuration.IsOn(MeshKeys.Enabled)) { return; }

        app.MapMesh();
        if (TellsOwnAddress(configuration, dev))
        {
            app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<MeshHost>().Node.Listen(ServeHost.Reachable(app.Urls.First())));
        }
    }

    /// <summary>Whether the node tells others an address that nobody configured: in development it is the server's own.</summary>
    public static bool TellsOwnAddress(Configuration configuration, bool dev) =>
        dev && configuration.IsOn(MeshKeys.Enabled) && configuration.Text(MeshKeys.Address) is null;

    /// <summary>Where the token of the node's operator is; null: there is no node.</summary>
    public static string? TokenFile(IServiceProvider services) =>
        services.GetService<MeshOptions>() is { } options ? Path.GetFullPath(OperatorToken.PathOf(options)) : null;

    internal static MeshOptions Options(Configuration configuration, string folder)
    {
        var interval = configuration.Duration(MeshKeys.Interval);
        var (maxPeers, minPeers) = (Whole(configuration, MeshKeys.MaxPeers), Whole(configuration, MeshKeys.MinPeers));
        if (minPeers > maxPeers)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{MeshKeys.MinPeers} is {minPeers} and {MeshKeys.MaxPeers} {maxPeers}: a node cannot need more peers than it may have.");
        }

        // What one node dials another takes: were less than half of all taken, nobody would find a place.
        var outbound = Math.Max(Math.Min(MaxOutbound, maxPeers / 2), minPeers);
        return new()
        {
            Folder = Path.Combine(folder, Folder),
            Network = configuration.Required(MeshKeys.Network),
            Seeds = configuration.Texts(MeshKeys.Seeds),
            Address = configuration.Text(MeshKeys.Address),
            Trust = Choice(configuration, MeshKeys.Trust, ("operator", TrustMode.Operator), ("allowlist", TrustMode.AllowList), ("open", TrustMode.Open)),
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
                Aggregation = new() { Interval = interval, Discrepancy = configuration.Amount(MeshKeys.DiscrepancyPercent) / 100, Rule = Rule(configuration) },
                Expiry = new() { Rules = Rules(configuration) },
                StaleAfter = configuration.Duration(MeshKeys.StaleAfter),
            },
            Offline = new() { Extended = configuration.Duration(MeshKeys.OfflineAfter) },
            Outbound = outbound,
            MaxInbound = maxPeers - outbound,
            MinPeers = minPeers,
            Ttl = Whole(configuration, MeshKeys.Ttl),
            SeenIds = Whole(configuration, MeshKeys.SeenIds),
            SeenTime = configuration.Duration(MeshKeys.SeenTime),
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
            Choice(configuration, $"{MeshKeys.Expiry}:{at}:Kind", ("keep", ExpiryKind.Keep), ("retention", ExpiryKind.Retention), ("max-age", ExpiryKind.MaxAge)),
            configuration.Duration($"{MeshKeys.Expiry}:{at}:Age"))),
    ];

    /// <summary>Those that need no list of providers beside them.</summary>
    private static AggregationRule Rule(Configuration configuration) => Choice(
        configuration, MeshKeys.Rule, ("auto", AggregationRule.Auto), ("newest", AggregationRule.Newest), ("median", AggregationRule.Median), ("quorum", AggregationRule.Quorum));

    private static NodeId Node(string key, string text) => NodeId.TryParse(text, out var id) ? id : throw new PosthouseException(ErrorCodes.OptionsInvalid,
        $"{key}: '{text}' is no node's id; 'posthouse serve' on that machine prints it.");

    private static int Whole(Configuration configuration, string key) => (int)Math.Min(configuration.Count(key), int.MaxValue);

    /// <summary>One of a key's words; hyphens and case make no difference.</summary>
    private static T Choice<T>(Configuration configuration, string key, params (string Word, T Meant)[] choices)
    {
        var text = configuration.Required(key);
        foreach (var (word, meant) in choices)
        {
            if (Plain(word) == Plain(text)) { return meant; }
        }

        throw new PosthouseException(ErrorCodes.OptionsInvalid,
            $"{configuration.SourceOf(key)}: {key} is '{text}', expected {string.Join(", ", choices[..^1].Select(choice => choice.Word))} or {choices[^1].Word}");
    }

    private static string Plain(string word) => word.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
