using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Posthouse.SystemTests.Vcs;

/// <summary>
/// The three manual tests of the offline queue, played with a real link that goes down and up, a real Git server behind it, and the
/// program as it is installed. What the terminal shows is compared with what was approved.
/// </summary>
public sealed class LinkDownTests : IDisposable
{
    private readonly Stage _stage = new();
    private readonly TwoNetworks _networks = new();
    private Process? _daemon;

    public void Dispose()
    {
        _daemon?.Kill(entireProcessTree: true);
        _daemon?.Dispose();
        _networks.Dispose();
        _stage.Dispose();
    }

    [Fact]
    public async Task Test_Offline_Queue()
    {
        var john = await ArriveAsync();
        Looks(john, every: "00:00:00");
        var session = new Transcript(_stage);

        _networks.Disconnect();
        await session.TypeAsync(john, "posthouse lock acquire --timeout 4", exit: 10);
        await session.TypeAsync(john, "posthouse queue status");
        _networks.Connect();
        await session.TypeAsync(john, "posthouse queue sync");
        await session.TypeAsync(john, "posthouse lock status");

        session.ShouldBeApproved(nameof(Test_Offline_Queue));
    }

    [Fact]
    public async Task Test_Auto_Retry()
    {
        var john = await ArriveAsync();
        var session = new Transcript(_stage);
        Looks(john, every: "01:00:00"); // A moment ago the remote was there, however slow the machine: the next command tries.
        await john.DoAsync("posthouse lock status");

        _networks.Disconnect();
        const string line = "posthouse lock acquire --timeout 4";
        using var acquire = john.Start(line);
        var said = new StringBuilder();
        while (await acquire.StandardOutput.ReadLineAsync() is { } one)
        {
            said.Append(one).Append('\n');
            if (one.Contains("Attempt 2 failed", StringComparison.Ordinal)) { _networks.Connect(); }
        }

        await acquire.WaitForExitAsync();
        session.Add(john, john.Folder, line, said.ToString());

        acquire.ExitCode.ShouldBe(0, session.Text);
        session.ShouldBeApproved(nameof(Test_Auto_Retry));
    }

    [Fact]
    public async Task Test_Auto_Sync()
    {
        var john = await ArriveAsync();
        Looks(john, every: "00:00:00");
        var session = new Transcript(_stage);

        _networks.Disconnect();
        await session.TypeAsync(john, "posthouse lock acquire --timeout 4", exit: 10);
        await john.DoAsync("echo two > song.txt && git commit -qam Two");
        await session.TypeAsync(john, "posthouse push", exit: 10);
        _networks.Connect();
        await session.TypeAsync(john, "posthouse lock status");
        await session.TypeAsync(john, "posthouse queue status");

        session.ShouldBeApproved(nameof(Test_Auto_Sync));
    }

    /// <summary>John has cloned the project, and has reached its remote once.</summary>
    private async Task<Person> ArriveAsync()
    {
        var john = new Person(_stage, "john", "John", "laptop", _networks.InLaptop);
        var server = Directory.CreateDirectory(Path.Combine(_stage.Root, "srv")).FullName;
        await john.DoAsync($"git init -q --bare '{server}/song.git' && git -C '{server}/song.git' config http.receivepack true");
        _daemon = Process.Start(new ProcessStartInfo(_networks.InServer[0],
            [.. _networks.InServer[1..], "git", "daemon", "--reuseaddr", "--export-all", "--enable=receive-pack", $"--listen={TwoNetworks.Server}", $"--base-path={server}"]))!;
        await ListeningAsync(john);
        await john.DoAsync($"git clone -q git://{TwoNetworks.Server}/song.git song");
        await john.DoAsync("cd song");
        await john.DoAsync("echo one > song.txt && git add -A && git commit -qm One && posthouse push");
        return john;
    }

    /// <summary>Says how long a command believes what an earlier one found out about the remote; for no time, as after a longer while.</summary>
    private static void Looks(Person john, string every) =>
        File.WriteAllText(Path.Combine(john.Home, "pocket", "config.json"), $$"""{ "Network": { "ProbeInterval": "{{every}}" } }""");

    /// <summary>Asks until the server answers; each question takes the time of a process.</summary>
    private static async Task ListeningAsync(Person john)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            if ((await john.RunAsync($"git ls-remote git://{TwoNetworks.Server}/song.git")).Exit == 0) { return; }
        }

        throw new SocketException((int)SocketError.ConnectionRefused);
    }
}
