using System.Diagnostics;
using System.Security.Cryptography;
using Posthouse.Mesh;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;

namespace Posthouse.Benchmarks.Mesh;

/// <summary>
/// Signed updates of ten prices through the receive pipeline into a book of 500 assets of five providers, beside nothing but the check of
/// the signature. Both are held against the processor's time, which is the same however many others want the processor.
/// </summary>
internal static class VerifyRows
{
    private const string Bare = "ECDSA P-256, bare check, per core";
    private const int Providers = 5;
    private const int Assets = 500;
    private const int PricesEach = 10;
    private const int Updates = 5_000;
    private const int Rounds = 3;

    private static readonly NetworkId _network = NetworkId.Of("bench");

    public static void Run(Report report)
    {
        EcdsaKey[] keys = [.. Enumerable.Range(0, Providers).Select(_ => EcdsaKey.Create())];
        Signatory[] signers = [.. keys.Select(key => new Signatory(key, _network, epoch: 1))];
        var (bare, whole) = (new List<double>(), new List<double>());
        var node = new Receiver();
        node.Take(Signed(signers, Updates));
        for (var round = 0; round < Rounds; round++)
        {
            bare.Add(PerCore(Updates, Checks()));
            var updates = Signed(signers, Updates);
            whole.Add(PerCore(Updates, () => node.Take(updates)));
        }

        report.AddMedian(Bare, bare, "/s");
        report.AddMedian("update verified and booked, per core", whole, "/s", Bare, report.Value(Bare));
        Array.ForEach(keys, key => key.Dispose());
    }

    /// <summary>As often as so many updates need it, with keys that are ready for use.</summary>
    private static Action Checks()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var hash = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);
        var signature = key.SignHash(hash);
        return () =>
        {
            using (key)
            {
                for (var i = 0; i < Updates; i++)
                {
                    if (!key.VerifyHash(hash, signature)) { throw new InvalidOperationException("A signature does not hold."); }
                }
            }
        };
    }

    private static double PerCore(int count, Action work)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        work();
        process.Refresh();
        return count / (process.TotalProcessorTime - before).TotalSeconds;
    }

    private static byte[][] Signed(Signatory[] signers, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
        {
            var now = DateTimeOffset.UtcNow;
            // Each signer goes through all assets, ten at a time.
            var first = i / signers.Length * PricesEach % Assets;
            var readings = Enumerable.Range(first, PricesEach).Select(asset => SamplePrices.Reading(asset, Stopwatch.GetTimestamp(), now));
            return signers[i % signers.Length].Sign(new PriceContent(1, [.. readings]), now).Envelope.Frame.ToArray();
        }),
    ];

    /// <summary>What a node does with a live update before it passes it on.</summary>
    private sealed class Receiver
    {
        private readonly MeshFacts _facts = new();
        private readonly ReceivePipeline _pipeline;
        private readonly PriceBook _book;
        private readonly long _start = Stopwatch.GetTimestamp();

        public Receiver()
        {
            using var key = EcdsaKey.Create();
            var self = key.Public.Id;
            _pipeline = new(self, epoch: 1, _network, new EcdsaSignatures(), new ProviderTrust(TrustMode.Open), CheckRules.Default);
            _book = new(new NetworkStatusTracker(self, new(), new(), new NetworkMemory(), _facts, Now), new(), _facts);
            _book.Tick(Now);
        }

        private Moment Now => Moment.Of(TimeProvider.System, _start);

        public void Take(byte[][] updates)
        {
            foreach (var bytes in updates)
            {
                var now = Now;
                var verdict = _pipeline.Receive(new Incoming(bytes, Origin.Live, null, Standing.Good, now.Steady, now.Wall), out var frame);
                if (frame is not SignedFrame { Update: { } update } signed)
                {
                    throw new InvalidOperationException($"An update was refused: {verdict.Reason}.");
                }

                _book.Accept(update, signed.Envelope.Id, PriceOrigin.Live, signed.Envelope.Frame, 1, now);
                _facts.Clear();
            }
        }
    }
}
