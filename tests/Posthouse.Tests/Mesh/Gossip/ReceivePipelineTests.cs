using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Gossip;

public sealed class ReceivePipelineTests
{
    private static readonly DateTimeOffset Wall = SampleFrames.Now;
    private static readonly TagKey Self = new(50);
    private readonly CountingSignatures _signatures = new();
    private readonly ProviderTrust _trust = new(TrustMode.AllowList, [new TagKey(1).Public.Id, Self.Public.Id]);
    private readonly Signatory _provider = new(new TagKey(1), SampleFrames.Network, 1);
    private readonly ReceivePipeline _pipeline;

    public ReceivePipelineTests() => _pipeline = New(_signatures);

    [Fact]
    public void A_message_is_accepted_once_and_its_copies_cost_no_signature()
    {
        var frame = Update();
        Receive(frame).ShouldBe(Verdict.Accepted);
        frame.TryRelay(out var relayed).ShouldBeTrue();
        for (var copy = 0; copy < 5; copy++)
            Receive(relayed).Reason.ShouldBe(Refusal.Duplicate);
        _signatures.Checked.ShouldBe(1);
        (_pipeline.Counts[Refusal.None], _pipeline.Counts[Refusal.Duplicate], _pipeline.Counts.Total).ShouldBe((1, 5, 5));
    }

    [Fact]
    public void A_copy_costs_no_memory()
    {
        var frame = Update();
        Receive(frame);
        var copy = Incoming(frame.Envelope.Frame);
        var before = 0L;
        // The first rounds may still fill pools and compile.
        for (var round = 0; round < 2_000; round++)
        {
            if (round == 1_000)
                before = GC.GetAllocatedBytesForCurrentThread();
            _pipeline.Receive(copy, out _);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000);
    }

    [Fact]
    public void A_forged_copy_that_comes_first_does_not_keep_the_true_one_out()
    {
        var frame = Update();
        var forged = frame.Envelope.Frame.ToArray();
        forged[^1] ^= 1;
        var verdict = Receive(forged);
        verdict.ShouldBe(new Verdict(Judgement.Reject, Refusal.SignatureInvalid));
        Receive(frame).ShouldBe(Verdict.Accepted);
    }

    [Fact]
    public void A_stranger_is_dropped_before_a_signature_is_checked()
    {
        var stranger = new Signatory(new TagKey(2), SampleFrames.Network, 1).Sign(Prices(1), Wall);
        Receive(stranger).ShouldBe(new Verdict(Judgement.Ignore, Refusal.SignerNotAllowed));
        _signatures.Checked.ShouldBe(0);
    }

    [Fact]
    public void Another_mesh_and_another_scheme_are_refused()
    {
        Receive(new Signatory(new TagKey(1), NetworkId.Of("other"), 1).Sign(Prices(1), Wall)).ShouldBe(new Verdict(Judgement.Reject, Refusal.WrongNetwork));
        using var key = EcdsaKey.Create();
        Receive(new Signatory(key, SampleFrames.Network, 1).Sign(Prices(1), Wall)).ShouldBe(new Verdict(Judgement.Ignore, Refusal.UnknownScheme));
        New(new EcdsaSignatures()).Receive(Incoming(Update().Envelope.Frame), out _).Reason.ShouldBe(Refusal.UnknownScheme);
    }

    [Fact]
    public void A_replay_after_the_ids_are_forgotten_is_too_old_or_known_by_its_number()
    {
        var frame = Update();
        Receive(frame);
        _pipeline.Receive(Incoming(frame.Envelope.Frame) with { Now = At(1_300), Wall = Wall.AddSeconds(1_300) }, out _).Reason.ShouldBe(Refusal.TooOld);
        // A clock set back makes it look young; its number does not change.
        _pipeline.Receive(Incoming(frame.Envelope.Frame) with { Now = At(1_300) }, out _).Reason.ShouldBe(Refusal.Replayed);
    }

    [Fact]
    public void An_earlier_life_of_a_provider_is_a_ghost()
    {
        var ghost = Update();
        Receive(new Signatory(new TagKey(1), SampleFrames.Network, 2).Sign(Prices(2), Wall)).IsAccepted.ShouldBeTrue();
        Receive(ghost).ShouldBe(new Verdict(Judgement.Ignore, Refusal.EpochOld));
    }

    [Fact]
    public void A_snapshot_may_be_old_and_does_not_stand_in_the_way_of_the_live_message()
    {
        var frame = Update();
        _pipeline.Receive(Sync(frame) with { Wall = Wall.AddDays(2) }, out var old).IsAccepted.ShouldBeTrue();
        old.ShouldNotBeNull();
        Receive(frame).ShouldBe(Verdict.Accepted);
        _pipeline.Receive(Sync(frame), out _).Reason.ShouldBe(Refusal.Duplicate);
    }

    [Fact]
    public void A_message_too_late_for_its_number_still_comes_by_a_snapshot_and_is_checked_there()
    {
        var late = Update();
        for (var number = 0; number < SequenceWindow.Width; number++)
            Receive(Update((ulong)number + 2)).IsAccepted.ShouldBeTrue();
        Receive(late).Reason.ShouldBe(Refusal.BehindWindow);
        Receive(late).Reason.ShouldBe(Refusal.Duplicate, "a copy costs nothing");
        var forged = late.Envelope.Frame.ToArray();
        forged[^1] ^= 1;
        _pipeline.Receive(Incoming(forged) with { Origin = Origin.Sync }, out _).Reason.ShouldBe(Refusal.SignatureInvalid);
        _pipeline.Receive(Sync(late), out var taken).ShouldBe(Verdict.Accepted);
        taken.ShouldNotBeNull();
    }

    [Fact]
    public void A_beacon_told_again_is_taken_without_a_second_check()
    {
        var beacon = _provider.Sign(new BeaconContent(ProviderState.Active, 1, 2, 3, 4, 5), Wall);
        Receive(beacon).ShouldBe(Verdict.Accepted);
        _pipeline.Receive(Told(beacon), out var told).ShouldBe(Verdict.Accepted);
        told.ShouldNotBeNull();
        _signatures.Checked.ShouldBe(1);
        var unheard = _provider.Sign(new BeaconContent(ProviderState.Active, 2, 2, 3, 4, 5), Wall);
        _pipeline.Receive(Told(unheard), out _).ShouldBe(Verdict.Accepted);
        Receive(unheard).ShouldBe(Verdict.Accepted);
    }

    [Fact]
    public void Frames_stay_where_they_belong()
    {
        var record = _provider.Sign(new PeerContent(["ws://a:1/mesh"], true), Wall);
        Receive(record).ShouldBe(new Verdict(Judgement.Reject, Refusal.OutOfPlace));
        _pipeline.Receive(Told(record), out _).ShouldBe(Verdict.Accepted);
        _pipeline.Receive(Sync(_provider.Sign(new GoodbyeContent(GoodbyeReason.Stopping), Wall)), out _).Reason.ShouldBe(Refusal.OutOfPlace);
        _pipeline.Receive(Incoming(FrameCodec.Encode(Graft.One)) with { Origin = Origin.Told }, out _).Reason.ShouldBe(Refusal.OutOfPlace);
    }

    [Fact]
    public void Ones_own_message_that_was_published_is_a_copy_and_any_other_an_alarm()
    {
        var own = new Signatory(Self, SampleFrames.Network, 5);
        var published = own.Sign(Prices(1), Wall);
        _pipeline.Seen.TryMark(published.Envelope.Id, At(0));
        Receive(published).Reason.ShouldBe(Refusal.Duplicate);
        _pipeline.Receive(Told(published), out _).Reason.ShouldBe(Refusal.Duplicate);
        var unknown = own.Sign(Prices(2), Wall);
        Receive(unknown).Reason.ShouldBe(Refusal.OwnKey);
        _pipeline.Receive(Sync(unknown), out _).ShouldBe(Verdict.Accepted);
        var forged = own.Sign(Prices(3), Wall).Envelope.Frame.ToArray();
        forged[^1] ^= 1;
        Receive(forged).Reason.ShouldBe(Refusal.SignatureInvalid);
        Receive(new Signatory(Self, SampleFrames.Network, 4).Sign(Prices(1), Wall)).Reason.ShouldBe(Refusal.EpochOld);
    }

    [Fact]
    public void A_peer_over_its_share_or_shunned_is_not_read()
    {
        var budget = new PeerBudget(new PeerShares { Messages = new Share(2, 0), Ids = new Share(10, 0) });
        for (var message = 1; message <= 3; message++)
        {
            _pipeline.Receive(Incoming(Update((ulong)message).Envelope.Frame) with { Budget = budget }, out _).Reason
                .ShouldBe(message <= 2 ? Refusal.None : Refusal.RateLimited);
        }

        var ids = FrameCodec.Encode(new IWant([.. Enumerable.Range(0, 11).Select(id => new MessageId((UInt128)id))]));
        _pipeline.Receive(Incoming(ids) with { Budget = budget }, out var want).ShouldBe(new Verdict(Judgement.Ignore, Refusal.RateLimited));
        want.ShouldBeNull();
        _pipeline.Receive(Incoming(new byte[] { 0xFF }) with { Standing = Standing.Graylisted }, out _).Reason.ShouldBe(Refusal.UnknownType);
        _pipeline.Receive(Incoming(ids) with { Standing = Standing.Graylisted }, out _).Reason.ShouldBe(Refusal.PeerShunned);
        _pipeline.Receive(Incoming(ids) with { Standing = Standing.Quiet }, out _).ShouldBe(Verdict.Accepted);
    }

    [Fact]
    public void A_change_of_key_takes_hold_when_it_is_accepted()
    {
        var successor = new TagKey(3);
        Receive(_provider.Sign(new KeyChangeContent(successor.Public, new byte[16]), Wall)).ShouldBe(new Verdict(Judgement.Reject, Refusal.SuccessorUnproven));
        Receive(_provider.Sign(KeySuccession.Announce(SampleFrames.Network, _provider.Key.Public, successor), Wall)).ShouldBe(Verdict.Accepted);
        Receive(new Signatory(successor, SampleFrames.Network, 1).Sign(Prices(1), Wall)).ShouldBe(Verdict.Accepted);
        Receive(_provider.Sign(Prices(9), Wall.AddSeconds(1))).Reason.ShouldBe(Refusal.KeyRetired);
    }

    [Fact]
    public void Whatever_comes_has_a_verdict_and_only_signed_or_plain_frames_get_through()
    {
        var random = new Random(7);
        var frames = Enumerable.Range(0, 10).SelectMany(seed => new SampleFrames(seed).All()).Select(FrameCodec.Encode).ToArray();
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (byte[])frames[random.Next(frames.Length)].Clone();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            var verdict = _pipeline.Receive(Incoming(bytes) with { Origin = (Origin)random.Next(3) }, out var frame);
            (frame is null).ShouldBe(!verdict.IsAccepted);
            // The samples' signer is on no list.
            frame.ShouldNotBeOfType<SignedFrame>();
        }

        (_pipeline.Counts.Total + _pipeline.Counts[Refusal.None]).ShouldBe(20_000);
    }

    private ReceivePipeline New(ISignatures signatures) => new(Self.Public.Id, 5, SampleFrames.Network, signatures, _trust, CheckRules.Default);

    private Verdict Receive(SignedFrame frame) => Receive(frame.Envelope.Frame);

    private Verdict Receive(ReadOnlyMemory<byte> bytes) => _pipeline.Receive(Incoming(bytes), out _);

    private static Incoming Incoming(ReadOnlyMemory<byte> bytes) => new(bytes, Origin.Live, null, Standing.Good, At(0), Wall);

    private static Incoming Told(SignedFrame frame) => Incoming(frame.Envelope.Frame) with { Origin = Origin.Told };

    private static Incoming Sync(SignedFrame frame) => Incoming(frame.Envelope.Frame) with { Origin = Origin.Sync };

    private SignedFrame Update(ulong slot = 1) => _provider.Sign(Prices(slot), Wall);

    private static PriceContent Prices(ulong slot) => new(slot, [new PriceReading(new AssetKey("BTC", "multi"), 68_016.03m, Wall)]);

    private static TimeSpan At(int seconds) => TimeSpan.FromSeconds(seconds);

    private sealed class CountingSignatures : ISignatures
    {
        private readonly TagSignatures _tags = new();

        public int Checked { get; private set; }

        public byte Scheme => _tags.Scheme;

        public bool IsSigned(PublicKey key, MessageDigest digest, ReadOnlySpan<byte> signature)
        {
            Checked++;
            return _tags.IsSigned(key, digest, signature);
        }
    }
}
