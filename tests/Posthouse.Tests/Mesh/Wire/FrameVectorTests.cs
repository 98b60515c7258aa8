using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Mesh.Wire;

/// <summary>
/// The golden vectors of <c>spec/mesh</c>. A wanted change is made by running these with POSTHOUSE_APPROVE=1: they write the files anew,
/// and fail, so that nobody takes a written file for a checked one.
/// </summary>
public sealed class FrameVectorTests
{
    private const string FramesPath = "spec/mesh/vectors/frames.json";
    private const string HostilePath = "spec/mesh/vectors/hostile.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Every_vector_reads_as_it_says_and_is_written_back()
    {
        Approve(FramesPath, FrameVectors.Good().Select(vector => new JsonObject
        {
            ["name"] = vector.Name,
            ["frame"] = Convert.ToHexStringLower(vector.Frame),
            ["says"] = Text(vector.Frame),
        }));
        var vectors = Vectors(FramesPath);
        vectors.Select(vector => (string)vector["says"]!["type"]!).Distinct().Count().ShouldBe(Enum.GetValues<FrameType>().Length - 1);
        foreach (var vector in vectors)
        {
            var bytes = Convert.FromHexString((string)vector["frame"]!);
            JsonNode.DeepEquals(Text(bytes), vector["says"]).ShouldBeTrue((string)vector["name"]!);
            FrameCodec.TryDecode(bytes, out var frame);
            FrameCodec.Encode(frame!).ShouldBe(bytes, (string)vector["name"]!);
        }
    }

    [Fact]
    public void The_vectors_signatures_are_those_of_the_published_key_over_the_digest_of_the_page()
    {
        var signed = Vectors(FramesPath).Select(vector => Convert.FromHexString((string)vector["frame"]!)).Where(bytes => ((FrameType)bytes[0]).IsSigned()).ToList();
        signed.Count.ShouldBeGreaterThanOrEqualTo(6);
        foreach (var bytes in signed)
        {
            FrameCodec.TryDecode(bytes, out var frame).ShouldBe(Refusal.None);
            var envelope = ((SignedFrame)frame!).Envelope;
            // By hand, so that a change in the code that signs cannot hide.
            byte[] text = [.. "posthouse-mesh/1\0"u8, .. bytes[3..19], bytes[0], .. bytes[19..^64]];
            using var key = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = bytes[21..53], Y = bytes[53..85] },
            });
            key.VerifyData(text, bytes[^64..], HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation).ShouldBeTrue();
            envelope.Id.ToString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, 16)));
            envelope.Signer.ShouldBe(NodeId.Of(key.ExportSubjectPublicKeyInfo()));
        }
    }

    [Fact]
    public void The_answer_to_a_hello_is_over_both_hellos()
    {
        var vectors = Vectors(FramesPath).ToDictionary(vector => (string)vector["name"]!, vector => Convert.FromHexString((string)vector["frame"]!));
        var (hello, reply, answer) = (vectors[FrameVectors.Hello], vectors[FrameVectors.Reply], vectors[FrameVectors.Answer]);
        byte[] text = [.. "posthouse-mesh/1\0"u8, .. hello[2..18], 0xE0, .. SHA256.HashData(hello), .. SHA256.HashData(reply)];
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = hello[19..51], Y = hello[51..83] } });
        key.VerifyData(text, answer[1..], HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation).ShouldBeTrue();
    }

    [Fact]
    public void Every_hostile_vector_is_refused_for_its_reason()
    {
        Approve(HostilePath, FrameVectors.Hostile().Select(vector => new JsonObject
        {
            ["name"] = vector.Name,
            ["frame"] = Convert.ToHexStringLower(vector.Frame.AsSpan(0, vector.Frame.Length - Zeros(vector.Frame))),
            ["zeros"] = Zeros(vector.Frame),
            ["reason"] = vector.Reason.ToString(),
            ["judgement"] = Verdict.Of(vector.Reason).Judgement.ToString(),
        }));
        foreach (var vector in Vectors(HostilePath))
        {
            byte[] bytes = [.. Convert.FromHexString((string)vector["frame"]!), .. new byte[(int)vector["zeros"]!]];
            var verdict = FrameVectors.Pipeline().Receive(FrameVectors.Incoming(bytes), out var frame);
            verdict.Reason.ToString().ShouldBe((string)vector["reason"]!, (string)vector["name"]!);
            verdict.Judgement.ToString().ShouldBe((string)vector["judgement"]!, (string)vector["name"]!);
            frame.ShouldBeNull();
        }
    }

    [Fact]
    public void The_hostile_vectors_know_every_reason_that_a_single_frame_can_have()
    {
        Refusal[] needHistory = [Refusal.None, Refusal.RateLimited, Refusal.PeerShunned, Refusal.Duplicate, Refusal.Unsolicited, Refusal.BeyondRetention, Refusal.UnknownAsset,
            Refusal.SignerNotAllowed, Refusal.SignerBanned, Refusal.KeyRetired, Refusal.EpochOld, Refusal.Replayed, Refusal.BehindWindow];
        Vectors(HostilePath).Select(vector => (string)vector["reason"]!).Distinct()
            .ShouldBe(Enum.GetValues<Refusal>().Except(needHistory).Select(reason => reason.ToString()), ignoreOrder: true);
    }

    /// <summary>Zeros at the end of a frame that are too many to be written out.</summary>
    private static int Zeros(byte[] frame)
    {
        var zeros = frame.Length - 1 - frame.AsSpan().LastIndexOfAnyExcept((byte)0);
        return zeros > 64 ? zeros : 0;
    }

    private static JsonObject Text(byte[] bytes)
    {
        FrameCodec.TryDecode(bytes, out var frame).ShouldBe(Refusal.None);
        // Through text once, so that numbers compare as they are written.
        return JsonNode.Parse(FrameText.Of(frame!).ToJsonString())!.AsObject();
    }

    private static JsonObject[] Vectors(string path) => [.. JsonNode.Parse(Tree.Read(path).Text)!["vectors"]!.AsArray().Select(vector => vector!.AsObject())];

    private static void Approve(string path, IEnumerable<JsonObject> vectors)
    {
        if (Environment.GetEnvironmentVariable("POSTHOUSE_APPROVE") != "1")
            return;
        var file = new JsonObject { ["network"] = FrameVectors.NetworkName, ["now"] = FrameVectors.Now.ToUnixTimeMilliseconds(), ["vectors"] = new JsonArray([.. vectors]) };
        File.WriteAllText(Path.Combine(Tree.Root, path), file.ToJsonString(Indented) + "\n");
        Assert.Fail($"{path} was written. Look at it, and run again without POSTHOUSE_APPROVE.");
    }
}
