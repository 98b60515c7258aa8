using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Cache;

/// <summary>A provider whose signed prices the tests keep.</summary>
internal sealed class SignedPrices(ulong node, uint epoch = 1)
{
    public static readonly NetworkId Network = NetworkId.Of("test");
    public static readonly DateTimeOffset Noon = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);
    public static readonly AssetKey Btc = Key("BTC");

    private readonly Signatory _signatory = new(new TagKey(node), Network, epoch);

    public NodeId Id => _signatory.Id;

    public static AssetKey Key(string asset) => new(asset, AssetKey.AnyChain);

    /// <summary>A check that believes the tests' providers 1 to 9.</summary>
    public static StoredCheck Check(NetworkId? network = null) => new(
        network ?? Network,
        new TagSignatures(),
        new ProviderTrust(TrustMode.AllowList, Enumerable.Range(1, 9).Select(number => new TagKey((ulong)number).Public.Id)),
        StoredCheck.SharedStore(CheckRules.Default),
        new ManualTimeProvider(Noon.AddMinutes(10)));

    /// <summary>How one provider goes over to the key of another.</summary>
    public static SignedFrame Change(ulong old, ulong next) =>
        new Signatory(new TagKey(old), Network, 1).Sign(KeySuccession.Announce(Network, new TagKey(old).Public, new TagKey(next)), Noon);

    /// <summary>Prices of one fetch, signed a second after they were observed.</summary>
    public SignedFrame Update(int minute, params string[] assets) => _signatory.Sign(
        new PriceContent(
            (ulong)minute,
            [.. assets.Select(Key).Order().Select(key => new PriceReading(key, 100 + minute, Noon.AddMinutes(minute)))]),
        Noon.AddMinutes(minute).AddSeconds(1));

    /// <summary>Prices of one fetch, each to be kept.</summary>
    public List<KeptPrice> Prices(int minute, params string[] assets) => [.. KeptPrice.Of(Update(minute, assets))];
}
