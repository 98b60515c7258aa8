using System.Reflection;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Wire;
using StackExchange.Redis;

namespace Posthouse.Redis;

/// <summary>
/// The tier that nodes share. For each asset a hash holds each provider's version, and each signed message stands once in a hash of its own
/// with the number of prices that still refer to it. All changes are scripts, so that "newer" is decided on the server. Nothing that is read
/// is believed without its signature; what is not believed is removed.
/// </summary>
internal sealed class RedisTier : IPriceTier
{
    /// <summary>Assets, or messages, in one call: answered well within the deadline.</summary>
    public const int MaxPerCall = 64;

    private static readonly string _write = Script("write");
    private static readonly string _read = Script("read");
    private static readonly string _messages = Script("messages");
    private static readonly string _assets = Script("assets");
    private static readonly string _drop = Script("drop");

    private readonly RedisPriceOptions _options;
    private readonly StoredCheck _check;
    private readonly RedisKeys _keys;

    /// <summary>Names the server; the first call connects.</summary>
    /// <param name="options">The server.</param>
    /// <param name="network">The mesh.</param>
    /// <param name="check">Checks what is read, with the bounds of <see cref="StoredCheck.SharedStore"/>.</param>
    /// <param name="time">The clocks.</param>
    public RedisTier(RedisPriceOptions options, NetworkId network, StoredCheck check, TimeProvider time)
    {
        (_options, _check, _keys) = (options, check, new RedisKeys(network));
        Link = new RedisLink(options, time);
    }

    /// <summary>The connection.</summary>
    public RedisLink Link { get; }

    /// <inheritdoc/>
    public string Name => "redis";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SignedFrame>> LoadAsync(CancellationToken cancellationToken)
    {
        var names = (RedisResult[])await Link.RunAsync(_assets, [_keys.Assets], [], cancellationToken);
        var keys = names.Select(name => RedisKeys.TryAsset((string)name, out var key) ? key : default).Where(key => key.Asset is not null);
        var found = new Dictionary<MessageId, SignedFrame>();
        foreach (var some in keys.Chunk(MaxPerCall))
        {
            foreach (var frame in await ReadAsync(some, cancellationToken))
                found.TryAdd(frame.Envelope.Id, frame);
        }

        return [.. found.Values];
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SignedFrame>> ReadAsync(AssetKey key, CancellationToken cancellationToken) => ReadAsync([key], cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> WriteAsync(IReadOnlyList<KeptPrice> prices, CancellationToken cancellationToken)
    {
        var hasLost = false;
        foreach (var update in prices.GroupBy(price => price.Frame))
            hasLost |= await WriteAsync(update.Key, [.. update], cancellationToken);
        if (prices.Count == 0)
            hasLost = ((RedisResult[])await Link.RunAsync(_assets, [_keys.Assets], [], cancellationToken)).Length == 0;
        return hasLost;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Link.DisposeAsync();

    private async Task<bool> WriteAsync(SignedFrame frame, KeptPrice[] prices, CancellationToken cancellationToken)
    {
        var keys = new RedisKey[2 + prices.Length];
        (keys[0], keys[1]) = (_keys.Assets, _keys.Message(frame.Envelope.Id));
        var values = new RedisValue[4 + (2 * prices.Length)];
        values[0] = frame.Envelope.Signer.ToString();
        values[1] = (long)_options.Retention.TotalMilliseconds;
        values[2] = _keys.MessagePrefix;
        values[3] = frame.Envelope.Frame.ToArray();
        for (var at = 0; at < prices.Length; at++)
        {
            keys[2 + at] = _keys.Price(prices[at].Key);
            values[4 + (2 * at)] = RedisKeys.Name(prices[at].Key);
            values[5 + (2 * at)] = RedisKeys.Text(prices[at].Version);
        }

        return (long)await Link.RunAsync(_write, keys, values, cancellationToken) == 1;
    }

    private async Task<IReadOnlyList<SignedFrame>> ReadAsync(AssetKey[] assets, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])await Link.RunAsync(_read, [.. assets.Select(_keys.Price)], [], cancellationToken);
        var (rows, untrue) = (new List<StoredRow>(), new List<Field>());
        for (var at = 0; at < assets.Length; at++)
            Sort(assets[at], (RedisValue[])answer[at], rows, untrue);
        var messages = await MessagesAsync([.. rows.Select(row => row.Version.MessageId).Distinct()], cancellationToken);
        var refused = new List<StoredRow>();
        var frames = _check.Read([.. rows.Select(row => row with { Signed = messages[row.Version.MessageId] })], refused);
        untrue.AddRange(refused.Select(row => new Field(row.Key, row.Provider.ToString(), RedisKeys.Text(row.Version))));
        foreach (var some in untrue.Chunk(MaxPerCall))
            await DropAsync(some, cancellationToken);
        return frames;
    }

    private async Task<Dictionary<MessageId, byte[]>> MessagesAsync(MessageId[] ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<MessageId, byte[]>();
        foreach (var some in ids.Chunk(MaxPerCall))
        {
            var answer = (RedisValue[])await Link.RunAsync(_messages, [.. some.Select(_keys.Message)], [], cancellationToken);
            for (var at = 0; at < some.Length; at++)
                found.Add(some[at], (byte[]?)answer[at] ?? []);
        }

        return found;
    }

    private Task<RedisResult> DropAsync(Field[] fields, CancellationToken cancellationToken) => Link.RunAsync(
        _drop,
        [.. fields.Select(field => _keys.Price(field.Key))],
        [.. fields.SelectMany(field => new[] { field.Provider, field.Version })],
        cancellationToken);

    /// <summary>What a hash says. A field that no node can have written would keep true prices out, so it is named apart.</summary>
    private static void Sort(AssetKey key, RedisValue[] fields, List<StoredRow> rows, List<Field> untrue)
    {
        for (var at = 0; at + 1 < fields.Length; at += 2)
        {
            if (NodeId.TryParse(fields[at], out var provider) && RedisKeys.TryVersion(fields[at + 1], out var version))
                rows.Add(new StoredRow(key, provider, version, default));
            else
                untrue.Add(new Field(key, fields[at], fields[at + 1]));
        }
    }

    private static string Script(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Posthouse.Redis.{name}.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>A field of an asset's hash, as it stands there.</summary>
    private readonly record struct Field(AssetKey Key, RedisValue Provider, RedisValue Version);
}
