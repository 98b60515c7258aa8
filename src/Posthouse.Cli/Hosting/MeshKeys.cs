using static Posthouse.Cli.Hosting.ValueForm;

namespace Posthouse.Cli.Hosting;

/// <summary>The keys of the price mesh. They stand in <see cref="ConfigurationKeys.All"/>.</summary>
internal static class MeshKeys
{
    public const string Enabled = "Mesh:Enabled";
    public const string Network = "Mesh:Network";
    public const string Seeds = "Mesh:Seeds";
    public const string Address = "Mesh:Address";
    public const string Trust = "Mesh:Trust";
    public const string Providers = "Mesh:Providers";
    public const string Banned = "Mesh:Banned";
    public const string Operators = "Mesh:Operators";
    public const string CertificateFile = "Mesh:CertificateFile";
    public const string Provide = "Mesh:Provide";
    public const string Promote = "Mesh:Promote";
    public const string Postgres = "Mesh:Postgres";
    public const string SourceUse = "Mesh:Source:Use";
    public const string SourceAssets = "Mesh:Source:Assets";
    public const string SourceKeyFile = "Mesh:Source:KeyFile";
    public const string SourceKeyVariable = "Mesh:Source:KeyVariable";
    public const string SourceReplayFile = "Mesh:Source:ReplayFile";
    public const string SourceSpeed = "Mesh:Source:Speed";
    public const string SourceFaults = "Mesh:Source:Faults";
    public const string Interval = "Mesh:Interval";
    public const string Grace = "Mesh:Grace";
    public const string MaxPeers = "Mesh:MaxPeers";
    public const string MinPeers = "Mesh:MinPeers";
    public const string Ttl = "Mesh:Ttl";
    public const string SeenIds = "Mesh:SeenIds";
    public const string SeenTime = "Mesh:SeenTime";
    public const string StaleAfter = "Mesh:StaleAfter";
    public const string OfflineAfter = "Mesh:OfflineAfter";
    public const string DiscrepancyPercent = "Mesh:DiscrepancyPercent";
    public const string Rule = "Mesh:Rule";
    public const string Expiry = "Mesh:Expiry";
    public const string CorsOrigins = "Mesh:Cors:Origins";
    public const string TokenFile = "Mesh:TokenFile";
    public const string RedisEndpoint = "Mesh:Redis:Endpoint";
    public const string RedisPasswordFile = "Mesh:Redis:PasswordFile";
    public const string RedisTls = "Mesh:Redis:Tls";

    public static readonly ConfigurationKey[] All =
    [
        new(Enabled, Switch, "false", false, "Makes the server a node of a price mesh."),
        new(Network, Text, "posthouse", false, "The mesh's name; nodes of different names hear nothing of each other."),
        new(Seeds + ":*", Text, null, false, "Where another node is found at first: host:port."),
        new(Address, Text, null, false, "Where others reach this node, host:port; without it they are not told, save by --dev, which tells the server's own."),
        new(Trust, Text, "operator", false, "Whose prices are believed: operator, allowlist or open."),
        new(Providers + ":*", Text, null, false, "The id of a provider that is believed, where Mesh:Trust is allowlist."),
        new(Banned + ":*", Text, null, false, "The id of a provider that is never believed, whoever vouches for it."),
        new(Operators + ":*", Text, null, false, "The key of an operator whose providers are believed, where Mesh:Trust is operator: SPKI in Base64."),
        new(CertificateFile, Text, null, false, "The operator's word for this node's key, from 'posthouse mesh certify'."),
        new(Provide, Switch, "false", false, "Provides prices from the start."),
        new(Promote, Switch, "false", false, "Provides prices while nobody else does; it needs Mesh:Source:Use."),
        new(SourceUse, Text, null, false, "Where prices come from: a vendor's name, a profile's file, or replay for made-up ones."),
        new(SourceAssets + ":*", Text, null, false, "An asset to ask for, BTC or USDC@base; none given means all of a played file."),
        new(SourceKeyFile, Text, null, false, "The file with the vendor's key, readable by its owner alone."),
        new(SourceKeyVariable, Text, null, false, "The environment variable with the vendor's key."),
        new(SourceReplayFile, Text, null, false, "The prices to play, CSV; otherwise a made-up sample."),
        new(SourceSpeed, Amount, "1", false, "How much faster they are played than they were written down."),
        new(SourceFaults, Text, null, false, "Faults to make on purpose, one for each fetch in turn, such as ok,timeout,500,429:60."),
        new(Interval, Duration, "00:00:30", false, "The time between two fetches of the whole mesh."),
        new(Grace, Duration, "00:00:01.5", false, "How long a provider waits at least for the one before it in a slot, 0.5 s or more; of more than a quarter of the interval a quarter is taken."),
        new(MaxPeers, Count, "40", false, "Connections with other nodes; half of them, but no more than 8, are dialled, and the others taken."),
        new(MinPeers, Count, "3", false, "Connections below which the node hurries to find more."),
        new(Ttl, Count, "16", false, "How many times a message of this node is passed on, 1 to 32."),
        new(SeenIds, Count, "65536", false, "Ids of messages that are remembered, so that none is taken twice; 10000 to 1048576."),
        new(SeenTime, Duration, "00:05:00", false, "For how long at least, 5 minutes to an hour."),
        new(StaleAfter, Duration, "01:00:00", false, "The age from which a price is marked stale and its readers are warned, a second to a year."),
        new(OfflineAfter, Duration, "00:10:00", false, "How long no provider must be alive for the prominent warning."),
        new(DiscrepancyPercent, Amount, "5", false, "By how much providers may differ about a price before it is told."),
        new(Rule, Text, "auto", false, "How one price is chosen among the providers': auto, newest, median, or quorum, where two have to agree and the value before stays until they do."),
        new(Expiry + ":*:Assets", Text, null, false, "The assets that a rule of expiry is for: BTC, W*, *@base or *."),
        new(Expiry + ":*:Kind", Text, "keep", false, "What happens at its age: keep, retention (dropped) or max-age (hidden)."),
        new(Expiry + ":*:Age", Duration, "7.00:00:00", false, "That age."),
        new(CorsOrigins + ":*", Text, null, false, "An origin of web pages that may read prices from a browser and, with the operator's token, switch the provider; * lets every one read."),
        new(TokenFile, Text, null, false, "The file of the operator's token, made where it is missing; otherwise operator.token beside the node's key."),
        new(Postgres, Switch, "false", false, "Keeps prices in the station's PostgreSQL database too, for the nodes of all servers on it; not beside Mesh:Redis."),
        new(RedisEndpoint, Text, null, false, "A Redis server that several nodes share, host:port."),
        new(RedisPasswordFile, Text, null, false, "The file with its password, readable by its owner alone."),
        new(RedisTls, Switch, "false", false, "Whether the connection to it is encrypted."),
    ];
}
