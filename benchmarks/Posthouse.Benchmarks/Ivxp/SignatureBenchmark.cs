using System.Diagnostics;
using System.Globalization;
using System.Text;
using Posthouse.Benchmarks.Queue;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Benchmarks.Ivxp;

/// <summary>
/// How many signers of payment proofs are recovered in a second on one thread: with the system's library, with the managed curve,
/// and by viem in Node, the library that clients of the original use. All three do the whole check: digest, recovery, address.
/// </summary>
public static class SignatureBenchmark
{
    private const int Texts = 64;
    private const string Native = "recoveries, libsecp256k1";
    private const string Managed = "recoveries, managed curve";
    private const string Viem = "recoveries, viem";

    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(Report report)
    {
        var viem = await ViemAsync();
        if (viem is { } rate) { report.Add(Viem, rate, "/s"); }

        Add(report, Managed, new ManagedSecp256k1(), viem);
        if (NativeSecp256k1.TryLoad() is { } native)
        {
            Add(report, Native, native, viem);
        }
        else
        {
            Console.Error.WriteLine("  libsecp256k1 is left out: it is not installed (Debian: libsecp256k1-1).");
        }
    }

    private static void Add(Report report, string what, ISecp256k1 curve, double? viem)
    {
        var signed = Signed(curve);
        Count(signed, curve, _warmUp);
        var rate = Count(signed, curve, _long);
        report.Add(what, rate, "/s", viem is null ? null : Viem, rate / viem);
    }

    private static double Count((string Text, EthereumSignature Signature, EthereumAddress Signer)[] signed, ISecp256k1 curve, TimeSpan within)
    {
        var began = Stopwatch.GetTimestamp();
        var done = 0;
        for (; Stopwatch.GetElapsedTime(began) < within; done++)
        {
            var (text, signature, signer) = signed[done % signed.Length];
            if (!PersonalMessage.IsSignedBy(text, signature, signer, curve)) { throw new InvalidOperationException("another account"); }
        }

        return done / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static (string Text, EthereumSignature Signature, EthereumAddress Signer)[] Signed(ISecp256k1 curve)
    {
        var wallet = Wallet.FromSecret(Keccak256.Hash("posthouse benchmark"u8), curve);
        return [.. Enumerable.Range(0, Texts).Select(number =>
        {
            var payment = "0x" + Convert.ToHexStringLower(Keccak256.Hash(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture))));
            var text = SignedText.Payment.Build(new SignedFields($"ivxp-00000000-0000-4000-8000-{number:d12}", payment, "2026-02-05T12:00:00.000Z"));
            return (text, wallet.Sign(text), wallet.Address);
        })];
    }

    /// <summary>The same in Node; null if its packages do not install.</summary>
    private static async Task<double?> ViemAsync()
    {
        if (!await Peer.IsInstalledAsync())
        {
            Console.Error.WriteLine("  viem is left out: npm is not here or its packages do not install.");
            return null;
        }

        var seconds = _long.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Peer.Folder, "viem-recover.mjs"), seconds]) { RedirectStandardOutput = true })!;
        var said = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return node.ExitCode == 0 ? double.Parse(said, CultureInfo.InvariantCulture) : throw new InvalidOperationException("viem-recover.mjs failed.");
    }
}
