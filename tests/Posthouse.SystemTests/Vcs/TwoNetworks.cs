using System.Diagnostics;

namespace Posthouse.SystemTests.Vcs;

/// <summary>
/// Two networks of the kernel's own with a cable between them: a server's and a laptop's, both in a user namespace, so that nobody
/// needs to be root for them. The cable is pulled by setting the laptop's link down, which is what a laptop in a train sees. Each
/// network lives as long as a program in it, which ends when this process does.
/// </summary>
internal sealed class TwoNetworks : IDisposable
{
    /// <summary>Of the block for documentation (RFC 5737), so that it is nobody's.</summary>
    public const string Server = "203.0.113.1";

    /// <summary>Of the same block.</summary>
    public const string Laptop = "203.0.113.2";

    private readonly Process _server;
    private readonly Process _laptop;

    public TwoNetworks()
    {
        _server = Hold("unshare", "--user", "--map-root-user", "--net");
        _laptop = Hold("nsenter", [.. Into(_server), "unshare", "--net"]);
        Ip(_server, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", $"{_laptop.Id}");
        Ip(_server, "address", "add", Server + "/24", "dev", "cable");
        Ip(_laptop, "address", "add", Laptop + "/24", "dev", "cable");
        Ip(_server, "link", "set", "cable", "up");
        Ip(_server, "link", "set", "lo", "up");
        Ip(_laptop, "link", "set", "lo", "up");
        Connect();
    }

    /// <summary>What a program in the laptop's network runs under.</summary>
    public string[] InLaptop => ["nsenter", .. Into(_laptop)];

    /// <summary>What a program in the server's network runs under.</summary>
    public string[] InServer => ["nsenter", .. Into(_server)];

    /// <summary>The link comes up.</summary>
    public void Connect() => Ip(_laptop, "link", "set", "cable", "up");

    /// <summary>The link goes down.</summary>
    public void Disconnect() => Ip(_laptop, "link", "set", "cable", "down");

    /// <summary>What the laptop sends is lost, and what it is sent arrives.</summary>
    public void Mute() => Run(_laptop, "tc", "qdisc", "add", "dev", "cable", "root", "blackhole");

    /// <summary>The line takes 1 Mbit/s each way and keeps little waiting: what comes in a rush is lost.</summary>
    public void Narrow()
    {
        foreach (var end in (Process[])[_laptop, _server]) { Run(end, "tc", "qdisc", "add", "dev", "cable", "root", "tbf", "rate", "1mbit", "burst", "4kb", "limit", "8kb"); }
    }

    /// <summary>The laptop's line is as at first, the server's too where it was narrow.</summary>
    public void Widen(bool both)
    {
        foreach (var end in both ? (Process[])[_laptop, _server] : [_laptop]) { Run(end, "tc", "qdisc", "del", "dev", "cable", "root"); }
    }

    public void Dispose()
    {
        foreach (var holder in (Process[])[_laptop, _server])
        {
            holder.Kill();
            holder.Dispose();
        }
    }

    private static string[] Into(Process holder) => ["--target", $"{holder.Id}", "--user", "--preserve-credentials", "--net"];

    private static Process Hold(string program, params string[] words)
    {
        var start = new ProcessStartInfo(program, [.. words, "sh", "-c", "echo ready; exec cat"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var holder = Process.Start(start)!;
        if (holder.StandardOutput.ReadLine() == "ready") { return holder; }

        throw new InvalidOperationException($"This machine lets nobody make a network of one's own (user namespaces): {holder.StandardError.ReadToEnd()}");
    }

    private static void Ip(Process holder, params string[] words) => Run(holder, "ip", words);

    private static void Run(Process holder, string program, params string[] words)
    {
        using var run = Process.Start(new ProcessStartInfo("nsenter", [.. Into(holder), program, .. words]) { RedirectStandardError = true })!;
        var errors = run.StandardError.ReadToEnd();
        run.WaitForExit();
        run.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', words)}: {errors}");
    }
}
