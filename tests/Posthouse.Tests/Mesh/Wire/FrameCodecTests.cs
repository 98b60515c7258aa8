using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Wire;

public sealed class FrameCodecTests
{
    private const int Seeds = 60;

    [Fact]
    public void Every_frame_comes_back_byte_for_byte()
    {
        foreach (var frame in Enumerable.Range(0, Seeds).SelectMany(seed => new SampleFrames(seed).All()))
        {
            var bytes = FrameCodec.Encode(frame);
            FrameCodec.TryDecode(bytes, out var read).ShouldBe(Refusal.None, frame.ToString());
            read!.GetType().ShouldBe(frame.GetType());
            Rewritten(read).ShouldBe(bytes, frame.ToString());
        }
    }

    [Fact]
    public void The_samples_have_every_type() =>
        new SampleFrames(0).All().Select(frame => frame.Type).Distinct().Order().ShouldBe(Enum.GetValues<FrameType>().Where(type => type != FrameType.None));

    [Fact]
    public void What_a_signed_frame_says_survives()
    {
        var sample = new SampleFrames(4);
        var signatory = sample.Signatory();
        var prices = sample.Prices(7);
        var sent = signatory.Sign(new PriceContent(123, prices), SampleFrames.Now);
        FrameCodec.TryDecode(sent.Envelope.Frame, out var frame).ShouldBe(Refusal.None);
        var read = frame.ShouldBeOfType<SignedFrame>();
        read.Update!.Prices.ShouldBe(prices);
        read.Update.Provider.ShouldBe(signatory.Id);
        read.Update.Stamp.ShouldBe(new Stamp(3, 1));
        read.Update.Slot.ShouldBe(123UL);
        read.Update.IssuedAt.ShouldBe(SampleFrames.Now);
        (read.Envelope.Id, read.Envelope.Network, read.Envelope.Ttl, read.Envelope.Hop).ShouldBe((sent.Envelope.Id, SampleFrames.Network, (byte)16, (byte)0));
        read.Envelope.IsSigned(new TagSignatures()).ShouldBeTrue();
    }

    [Fact]
    public void Every_frame_cut_short_or_drawn_out_is_refused()
    {
        foreach (var frame in Enumerable.Range(0, 4).SelectMany(seed => new SampleFrames(seed).All()))
        {
            var bytes = FrameCodec.Encode(frame);
            // The signature of a HelloAck has no length of its own, and that of a signed frame is whatever comes last.
            if (frame is not HelloAck && !frame.Type.IsSigned())
            {
                for (var length = 0; length < bytes.Length; length++)
                    FrameCodec.TryDecode(bytes.AsMemory(0, length), out _).ShouldNotBe(Refusal.None, $"{frame} cut to {length}");
                FrameCodec.TryDecode((byte[])[.. bytes, 0], out _).ShouldBe(Refusal.TrailingBytes, frame.ToString());
            }
            else
            {
                for (var length = 0; length < bytes.Length; length++)
                    Sound(bytes.AsMemory(0, length));
            }
        }
    }

    [Fact]
    public void Random_bytes_are_refused_by_name_and_never_thrown_at()
    {
        var random = new Random(1);
        for (var round = 0; round < 60_000; round++)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            if (bytes.Length > 0 && random.Next(4) != 0)
                bytes[0] = (byte)Enum.GetValues<FrameType>()[random.Next(1, Enum.GetValues<FrameType>().Length)];
            Sound(bytes);
        }
    }

    [Fact]
    public void Damaged_frames_are_refused_or_are_another_frame_in_its_one_form()
    {
        var refusals = new HashSet<Refusal>();
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            foreach (var bytes in new SampleFrames(seed % 20).All().Select(FrameCodec.Encode))
            {
                for (var round = 0; round < 12; round++)
                    refusals.Add(Sound(Damaged(bytes, random)));
            }
        }

        // What damage can lead to; so the fuzzing reaches behind the first field.
        foreach (var reason in Enumerable.Range((int)Refusal.Empty, (int)Refusal.TtlTooLarge).Select(number => (Refusal)number).Except([Refusal.NilNode, Refusal.TooLong]))
            refusals.ShouldContain(reason);
    }

    [Fact]
    public void A_frame_too_long_is_refused_unread()
    {
        FrameCodec.TryDecode(new byte[MeshProtocol.MaxFrameBytes + 1], out _).ShouldBe(Refusal.TooLong);
        var signed = new byte[MeshProtocol.MaxSignedBytes + 1];
        signed[0] = (byte)FrameType.PriceUpdate;
        FrameCodec.TryDecode(signed, out _).ShouldBe(Refusal.TooLong);
    }

    [Fact]
    public void What_nobody_would_take_is_not_sent()
    {
        var signatory = new SampleFrames(0).Signatory();
        var reading = new PriceReading(new AssetKey("BTC", "multi"), 1, SampleFrames.Now);
        PriceReading[][] bad =
        [
            [reading with { Key = new AssetKey("btc", "multi") }], [reading with { Key = new AssetKey("BTC", "Multi") }], [reading, reading],
            [reading with { Venue = "caf\u00e9" }], [reading with { Venue = "" }], [reading with { Key = new AssetKey(new string('A', 33), "multi") }],
            [reading with { ObservedAt = DateTimeOffset.MaxValue }], [.. Enumerable.Repeat(reading, 513)],
        ];
        foreach (var prices in bad)
            Should.Throw<ArgumentException>(() => signatory.Sign(new PriceContent(1, prices), SampleFrames.Now));
        signatory.Last.Seq.ShouldBe(0UL);
    }

    [Fact]
    public void A_relayed_frame_keeps_its_id_and_its_signature_until_its_hops_are_used_up()
    {
        var sample = new SampleFrames(3);
        var frame = sample.Signatory().Sign(new GoodbyeContent(GoodbyeReason.Stopping), SampleFrames.Now, ttl: 2);
        frame.TryRelay(out var once).ShouldBeTrue();
        FrameCodec.TryDecode(once, out var second);
        ((SignedFrame)second!).Envelope.ShouldSatisfyAllConditions(
            envelope => envelope.Id.ShouldBe(frame.Envelope.Id), envelope => envelope.Ttl.ShouldBe((byte)1), envelope => envelope.Hop.ShouldBe((byte)1),
            envelope => envelope.IsSigned(new TagSignatures()).ShouldBeTrue());
        ((SignedFrame)second).TryRelay(out var twice).ShouldBeTrue();
        FrameCodec.TryDecode(twice, out var third);
        ((SignedFrame)third!).TryRelay(out _).ShouldBeFalse();
    }

    /// <summary>Decodes; whatever is taken must be written back to the same bytes.</summary>
    private static Refusal Sound(ReadOnlyMemory<byte> bytes)
    {
        var reason = FrameCodec.TryDecode(bytes, out var frame);
        (frame is null).ShouldBe(reason != Refusal.None);
        if (frame is not null)
            Rewritten(frame).ShouldBe(bytes.ToArray(), Convert.ToHexStringLower(bytes.Span));
        return reason;
    }

    /// <summary>A frame written anew; a signed one field by field too, though what is sent is what came.</summary>
    private static byte[] Rewritten(Frame frame)
    {
        if (frame is not SignedFrame signed)
            return FrameCodec.Encode(frame);
        var envelope = signed.Envelope;
        var writer = new FrameWriter();
        try
        {
            writer.Byte((byte)signed.Type);
            writer.Byte(envelope.Ttl);
            writer.Byte(envelope.Hop);
            writer.Network(envelope.Network);
            writer.Byte(MeshProtocol.Version);
            writer.Byte(envelope.Scheme);
            writer.Bytes(envelope.Key.Point);
            Certificate.Write(ref writer, envelope.Certificate);
            writer.Stamp(envelope.Stamp);
            writer.Time(envelope.IssuedAt);
            signed.Content.Write(ref writer);
            writer.Bytes(envelope.Signature);
            return writer.ToFrame();
        }
        finally
        {
            writer.Dispose();
        }
    }

    private static byte[] Damaged(byte[] bytes, Random random)
    {
        var damaged = bytes.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            // Mostly near the front, where the fields are.
            var at = random.Next(2) == 0 ? random.Next(damaged.Count + 1) : random.Next(Math.Min(damaged.Count, 120) + 1);
            switch (random.Next(5))
            {
                case 0 when at < damaged.Count: damaged[at] ^= (byte)(1 << random.Next(8)); break;
                case 1 when at < damaged.Count: damaged[at] = (byte)random.Next(256); break;
                case 2: damaged.Insert(at, (byte)random.Next(256)); break;
                case 3 when at < damaged.Count: damaged.RemoveAt(at); break;
                default: damaged.RemoveRange(at, random.Next(damaged.Count - at + 1)); break;
            }
        }

        return [.. damaged];
    }
}
