namespace Posthouse.Cli.Hosting;

/// <summary>
/// The environment variables that nodes of the original were configured by. Each stands for one key; they are the weakest layer, so that
/// whatever names a key itself wins.
/// </summary>
internal static class MeshVariables
{
    /// <summary>Each variable and the key that it sets; those that end in <c>_SECS</c> hold whole seconds.</summary>
    public static readonly IReadOnlyDictionary<string, string> Keys = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["MESH_PROVIDER_FETCH_INTERVAL_SECS"] = MeshKeys.Interval,
        // The window in which providers keep out of each other's way: here the next one waits so long for the one before it.
        ["MESH_COORDINATION_WINDOW_SECS"] = MeshKeys.Grace,
        ["MESH_MESSAGE_TTL"] = MeshKeys.Ttl,
        ["MESH_SEEN_MESSAGES_CACHE_SIZE"] = MeshKeys.SeenIds,
        ["MESH_SEEN_MESSAGES_EXPIRATION_SECS"] = MeshKeys.SeenTime,
        ["MESH_MAX_PEER_CONNECTIONS"] = MeshKeys.MaxPeers,
        ["MESH_MIN_PEER_CONNECTIONS"] = MeshKeys.MinPeers,
        ["MESH_STALENESS_THRESHOLD_SECS"] = MeshKeys.StaleAfter,
        ["MESH_OFFLINE_INDICATOR_THRESHOLD_SECS"] = MeshKeys.OfflineAfter,
        ["MESH_PRICE_DISCREPANCY_THRESHOLD_PERCENT"] = MeshKeys.DiscrepancyPercent,
    };

    /// <summary>The layer that they give; an empty variable gives nothing.</summary>
    public static IEnumerable<GivenValue> Read(IEnumerable<KeyValuePair<string, string>> variables) =>
        from variable in variables
        where variable.Value.Length > 0 && Keys.ContainsKey(variable.Key)
        orderby variable.Key
        select new GivenValue(Keys[variable.Key], Written(variable.Key, variable.Value), "environment " + variable.Key);

    /// <summary>A key's durations have a unit; a variable's are seconds by its name.</summary>
    private static string Written(string name, string value) =>
        name.EndsWith("_SECS", StringComparison.Ordinal) && value.All(char.IsAsciiDigit) ? value + "s" : value;
}
