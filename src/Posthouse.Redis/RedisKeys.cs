using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;
using StackExchange.Redis;

namespace Posthouse.Redis;

/// <summary>
/// The keys of one mesh. The network's id stands in braces, so that a cluster keeps all of them on one server, as the scripts need.
/// </summary>
/// <param name="network">The mesh.</param>
internal sealed class RedisKeys(NetworkId network)
{
    private readonly string _prefix = $"posthouse:mesh:{{{network}}}:";

    /// <summary>The names of all assets; without it the server has lost everything.</summary>
    public RedisKey Assets => _prefix + "assets";

    /// <summary>What stands before a message's id.</summary>
    public string MessagePrefix => _prefix + "message:";

    /// <summary>An asset's versions by provider.</summary>
    public RedisKey Price(AssetKey key) => $"{_prefix}price:{Name(key)}";

    /// <summary>A signed message.</summary>
    public RedisKey Message(MessageId id) => MessagePrefix + id;

    /// <summary>An asset's name: <c>BTC@multi</c>.</summary>
    public static string Name(AssetKey key) => $"{key.Asset}@{key.Chain}";

    /// <summary>Reads an asset's name.</summary>
    public static bool TryAsset(string? name, out AssetKey key)
    {
        key = name?.Split('@') is [var asset, var chain] ? new AssetKey(asset, chain) : default;
        var isOne = key.Asset is not null && WireText.IsKey(key);
        if (!isOne)
            key = default;
        return isOne;
    }

    /// <summary>A version: 72 hexadecimal digits.</summary>
    public static string Text(PriceVersion version) => Convert.ToHexStringLower(VersionBytes.Of(version));

    /// <summary>Reads a version.</summary>
    public static bool TryVersion(string? text, out PriceVersion version)
    {
        Span<byte> bytes = stackalloc byte[VersionBytes.Size];
        version = default;
        return text is { Length: 2 * VersionBytes.Size }
            && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            && VersionBytes.TryRead(bytes, out version);
    }
}
