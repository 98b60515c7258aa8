using Posthouse.Connectivity;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers.Sources;

/// <summary>A vendor and a source that asks it, a minute after the file's last prices.</summary>
internal sealed class VendorStage : IAsyncDisposable
{
    public const string Csv = """
        time,asset,price,chain,change_24h,fault
        2025-12-31T23:58:00Z,BTC,68016.03,multi,0.2,
        2025-12-31T23:58:00Z,ETH,3500.1000,multi,-1.53,
        2025-12-31T23:58:00Z,BONK,0.0000123456,solana,12.5,
        2025-12-31T23:58:00Z,SOL,128.09487123897,solana,-4.92,
        2025-12-31T23:59:00Z,BTC,68020.5700000000001,multi,0.21,
        """;

    private readonly HttpMessageInvoker _invoker = new(GuardedHandlers.Create());

    private VendorStage(VendorServer server) => Server = server;

    public static AssetKey Btc { get; } = new("BTC", "multi");

    public static AssetKey Eth { get; } = new("ETH", "multi");

    public static AssetKey Sol { get; } = new("SOL", "solana");

    public static AssetKey Bonk { get; } = new("BONK", "solana");

    public VendorServer Server { get; }

    public ManualTimeProvider Time { get; } = new();

    public static async Task<VendorStage> StartAsync(string csv = Csv) => new(await VendorServer.StartAsync(csv));

    public HttpJsonSource Source(SourceProfile profile, string key = VendorServer.Key) =>
        new(profile with { Address = Server.Address }, SourceKey.Of(key), new HttpExchange(_invoker, Time), Time);

    public async ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        await Server.DisposeAsync();
    }
}
