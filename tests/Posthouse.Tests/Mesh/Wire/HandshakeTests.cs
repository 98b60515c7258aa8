using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Wire;

public sealed class HandshakeTests : IDisposable
{
    private readonly EcdsaKey _here = EcdsaKey.Create();
    private readonly EcdsaKey _there = EcdsaKey.Create();

    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
    }

    [Fact]
    public void Both_sides_learn_who_the_other_is()
    {
        var (here, there) = (Side(_here), Side(_there));
        var (hello, answer) = (Begin(here, 1, "ws://here:1/mesh"), Begin(there, 2));
        var toThere = Hear(here, answer);
        var toHere = Hear(there, hello);
        here.IsDone.ShouldBeFalse();
        here.OnAck(Ack(toHere)).ShouldBe(Refusal.None);
        there.OnAck(Ack(toThere)).ShouldBe(Refusal.None);
        (here.IsDone, there.IsDone).ShouldBe((true, true));
        here.Peer!.Key.ShouldBe(_there.Public);
        there.Peer!.Address.ShouldBe("ws://here:1/mesh");
    }

    [Fact]
    public void A_proof_from_another_connection_proves_nothing()
    {
        var old = Side(_there);
        Begin(old, 9);
        var overheard = Hear(old, Begin(Side(_here), 1));
        var here = Side(_here);
        Begin(here, 2);
        Hear(here, Begin(Side(_there), 9));
        here.OnAck(Ack(overheard)).ShouldBe(Refusal.SignatureInvalid);
        here.IsDone.ShouldBeFalse();
    }

    [Fact]
    public void Ones_own_proof_sent_back_proves_nothing()
    {
        var here = Side(_here);
        Begin(here, 1);
        var own = Hear(here, Begin(Side(_there), 2));
        here.OnAck(Ack(own)).ShouldBe(Refusal.SignatureInvalid);
    }

    [Fact]
    public void What_was_changed_on_the_way_is_noticed()
    {
        var (here, there) = (Side(_here), Side(_there));
        var (hello, answer) = (Begin(here, 1), Begin(there, 2));
        var toHere = Hear(there, hello);
        FrameCodec.TryDecode(answer, out var frame);
        Hear(here, FrameCodec.Encode((Hello)frame! with { Epoch = 99 }));
        here.OnAck(Ack(toHere)).ShouldBe(Refusal.SignatureInvalid);
    }

    [Fact]
    public void Another_mesh_ones_own_key_another_scheme_and_frames_out_of_turn_are_refused()
    {
        var here = Side(_here);
        here.OnAck(new HelloAck(new byte[64])).ShouldBe(Refusal.OutOfPlace);
        Begin(here, 1);
        Refused(here, Side(_there).Begin(NetworkId.Of("other"), 1, Nonce(2))).ShouldBe(Refusal.WrongNetwork);
        Refused(here, Begin(Side(_here), 3)).ShouldBe(Refusal.OwnKey);
        Refused(here, new Handshake(new TagKey(1), new TagSignatures()).Begin(SampleFrames.Network, 1, Nonce(4))).ShouldBe(Refusal.UnknownScheme);
        Hear(here, Begin(Side(_there), 5));
        Refused(here, Begin(Side(_there), 6)).ShouldBe(Refusal.OutOfPlace);
    }

    private static Handshake Side(EcdsaKey key) => new(key, new EcdsaSignatures());

    private static byte[] Begin(Handshake side, byte nonce, string address = "") => side.Begin(SampleFrames.Network, 7, Nonce(nonce), address, "test");

    private static byte[] Nonce(byte nonce) => [.. Enumerable.Repeat(nonce, 32)];

    private static byte[] Hear(Handshake side, byte[] hello)
    {
        FrameCodec.TryDecode(hello, out var frame).ShouldBe(Refusal.None);
        side.OnHello(hello, (Hello)frame!, out var answer).ShouldBe(Refusal.None);
        return answer;
    }

    private static Refusal Refused(Handshake side, byte[] hello)
    {
        FrameCodec.TryDecode(hello, out var frame).ShouldBe(Refusal.None);
        var reason = side.OnHello(hello, (Hello)frame!, out var answer);
        answer.ShouldBeEmpty();
        return reason;
    }

    private static HelloAck Ack(byte[] bytes)
    {
        FrameCodec.TryDecode(bytes, out var frame).ShouldBe(Refusal.None);
        return (HelloAck)frame!;
    }
}
