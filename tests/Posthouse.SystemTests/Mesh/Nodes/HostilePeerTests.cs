using Posthouse.Mesh.Wire;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>
/// Peers that want harm, at a node that believes three providers: each thing is counted under its name, who could know better is banned,
/// and what is served does not move.
/// </summary>
public sealed class HostilePeerTests : IAsyncLifetime
{
    private const decimal True = 68_000m;

    private readonly OneNode _one = new(providers: 3);

    private MeshNodeProcess Node => _one.Node;

    public async ValueTask InitializeAsync()
    {
        await _one.StartAsync();
        foreach (var voice in _one.Voices) { await voice.SayAsync(("BTC", True)); }

        await _one.ServesAsync("BTC", True);
    }

    public ValueTask DisposeAsync() => _one.DisposeAsync();

    [Fact]
    public async Task A_flood_of_bad_signatures_gets_its_sender_banned_and_nobody_else()
    {
        var before = await Node.MetricsAsync();
        var truth = await _one.Voices[0].SayAsync(("BTC", True));
        using var key = EcdsaKey.Create();
        using (var hostile = await Node.ConnectAsync())
        {
            await hostile.GreetAsync(key, OneNode.Network);
            for (var one = 0; one < 500; one++)
            {
                // A believed provider's own words, each time with another bit of the price.
                byte[] forged = [.. truth];
                forged[^(70 + (one % 8))] ^= (byte)(1 << (one % 7));
                forged[^1] ^= (byte)one;
                await hostile.SendAsync(forged);
            }

            await hostile.IsSentAwayAsync();
        }

        (await RefusedAsync(before, "SignatureInvalid")).ShouldBePositive();
        (await Node.HappenedAsync("PeerBanned")).Message.ShouldContain(key.Public.Id.ToString());
        using var again = await Node.ConnectAsync();
        await again.GreetAsync(key, OneNode.Network);
        await again.IsSentAwayAsync();
        // Whose words were altered is not to blame.
        await _one.Voices[0].SayAsync(("ETH", 3_500m));
        await _one.ServesAsync("ETH", 3_500m);
        await _one.ServesAsync("BTC", True);
    }

    [Theory]
    [InlineData("TooOld")]
    [InlineData("ClockSkew")]
    [InlineData("TtlTooLarge")]
    public async Task A_believed_providers_words_out_of_bounds_move_nothing(string reason)
    {
        var (before, now, voice) = (await Node.MetricsAsync(), TimeProvider.System.GetUtcNow(), _one.Voices[0]);
        var wrong = True * 1.01m;
        await (reason switch
        {
            "TooOld" => voice.SayAsync(now - TimeSpan.FromMinutes(6), MeshProtocol.DefaultTtl, ("BTC", wrong)),
            "ClockSkew" => voice.SayAsync(now + TimeSpan.FromMinutes(1), MeshProtocol.DefaultTtl, ("BTC", wrong)),
            _ => voice.SayAsync(now, byte.MaxValue, ("BTC", wrong)),
        });
        await HeardAsync(voice);
        (await RefusedAsync(before, reason)).ShouldBe(1);
        await _one.ServesAsync("BTC", True);
    }

    [Fact]
    public async Task What_was_said_once_is_a_copy_when_it_is_said_again()
    {
        var said = await _one.Voices[0].SayAsync(("BTC", True + 1));
        await HeardAsync(_one.Voices[0]);
        await _one.Voices[0].SayAsync(("BTC", True + 2));
        await HeardAsync(_one.Voices[0]);
        var (before, served) = (await Node.MetricsAsync(), await MeshGround.ServedAsync(Node));
        using var key = EcdsaKey.Create();
        using var hostile = await Node.ConnectAsync();
        await hostile.GreetAsync(key, OneNode.Network);
        await hostile.SendAsync(said);
        await PongAsync(hostile);
        (await RefusedAsync(before, "Duplicate")).ShouldBe(1);
        (await MeshGround.ServedAsync(Node)).ShouldBe(served);
    }

    [Fact]
    public async Task Who_names_anothers_key_does_not_get_in()
    {
        var before = await Node.MetricsAsync();
        using var own = EcdsaKey.Create();
        using var hostile = await Node.ConnectAsync();
        await hostile.GreetAsAsync(own, _one.Voices[0].Key.Public, OneNode.Network);
        await hostile.IsSentAwayAsync();
        (await RefusedAsync(before, "SignatureInvalid")).ShouldBe(1);
        (await Node.EventsAsync()).ShouldNotContain(happened => happened.Code == "DuplicateIdentity" || happened.Code == "PeerBanned");
    }

    [Fact]
    public async Task One_of_three_believed_providers_cannot_move_a_price_by_ten()
    {
        for (var round = 0; round < 10; round++)
        {
            await _one.Voices[2].SayAsync(("BTC", True * 10));
            await HeardAsync(_one.Voices[2]);
            (await Node.PricesAsync())["BTC"].Price.ShouldBe(True);
            foreach (var voice in _one.Voices.Take(2)) { await voice.SayAsync(("BTC", True)); }
        }

        await Node.HappenedAsync("PriceDiscrepancy");
    }

    /// <summary>All that a provider has sent was read by the node.</summary>
    private async Task HeardAsync(ProviderVoice voice)
    {
        // What is said next and shown by the node was read after it.
        var mark = 1m + ((decimal)TimeProvider.System.GetTimestamp() / 1_000_000_000_000m);
        await voice.SayAsync(($"M{voice.Id.Short.ToUpperInvariant()}", mark));
        await _one.ServesAsync($"M{voice.Id.Short.ToUpperInvariant()}", mark);
    }

    private static async Task PongAsync(RawPeer peer)
    {
        await peer.SendAsync(FrameCodec.Encode(new Ping(1, TimeProvider.System.GetUtcNow())));
        await peer.HearsAsync(FrameType.Pong);
    }

    private async Task<double> RefusedAsync(Dictionary<string, double> before, string reason)
    {
        var name = $"mesh_messages_refused_total{{reason=\"{reason}\"}}";
        return (await Node.MetricsAsync())[name] - before[name];
    }
}
