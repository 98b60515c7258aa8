using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Deploy;

/// <summary>The files of <c>deploy</c>, held against the server and the tools that read them.</summary>
public sealed class DeployTests : IDisposable
{
    /// <summary>The most exposure that <c>systemd-analyze security</c> may find, in its tenths; 100 is a service without any protection.</summary>
    private const int MostExposure = 20;

    /// <summary>A net under a test that would hang.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-deploy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_supervisor_hears_when_the_server_is_ready_and_when_it_ends_and_the_containers_check_finds_it_alive()
    {
        using var supervisor = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        supervisor.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "notify")));
        using var server = PosthouseProcess.StartUnder(["env", $"NOTIFY_SOCKET={Path.Combine(_folder, "notify")}"], null,
            ["serve", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data")]);
        var url = (await server.LineAsync())["Serving ".Length..];

        (await HeardAsync(supervisor)).ShouldBe($"READY=1\nSTATUS=Serving {url}");
        var check = HealthCheck();
        (await RunAsync(check.Select(word => word.Replace("127.0.0.1/6060", $"127.0.0.1/{new Uri(url).Port}", StringComparison.Ordinal)))).Exit.ShouldBe(0);
        server.AskToEnd();
        (await HeardAsync(supervisor)).ShouldStartWith("STOPPING=1\n");
        (await server.ExitAsync()).ShouldBe(0);
        (await RunAsync(check.Select(word => word.Replace("127.0.0.1/6060", $"127.0.0.1/{new Uri(url).Port}", StringComparison.Ordinal)))).Exit.ShouldNotBe(0);
    }

    [Fact]
    public async Task Systemd_understands_the_unit_and_finds_it_well_confined()
    {
        var unit = Path.Combine(_folder, "posthouse.service");
        var text = File.ReadAllText(Path.Combine(Root(), "deploy", "posthouse.service"));
        text.ShouldContain("\nExecStart=/usr/local/bin/posthouse serve ");
        // Where there is no systemd there is nobody to ask more.
        if (!File.Exists("/usr/bin/systemd-analyze")) { return; }

        // It wants the program to be there.
        File.WriteAllText(unit, text.Replace("/usr/local/bin/posthouse", "/bin/true", StringComparison.Ordinal));

        var (exit, said) = await RunAsync(["systemd-analyze", "verify", "--man=no", unit]);
        (exit, string.Join('\n', said.Split('\n').Where(line => line.Contains("posthouse.service", StringComparison.Ordinal)))).ShouldBe((0, ""));
        (await RunAsync(["systemd-analyze", "security", "--offline=true", $"--threshold={MostExposure}", unit])).ShouldSatisfyAllConditions(ran => ran.Exit.ShouldBe(0, ran.Said));
    }

    [Fact]
    public async Task The_container_is_built_where_somebody_can_and_runs_without_root()
    {
        var text = File.ReadAllText(Path.Combine(Root(), "deploy", "Containerfile"));
        text.Split('\n').Last(line => line.StartsWith("USER ", StringComparison.Ordinal)).ShouldBe("USER $APP_UID", "the base image's own, which is not root");
        text.ShouldContain("STOPSIGNAL SIGTERM");
        // It fetches a gigabyte, and needs an engine that answers.
        if (Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") != "1" || !await HasEngineAsync()) { return; }

        (await RunAsync(["docker", "build", "-q", "-f", Path.Combine(Root(), "deploy", "Containerfile"), Root()])).ShouldSatisfyAllConditions(ran => ran.Exit.ShouldBe(0, ran.Said));
    }

    private static async Task<bool> HasEngineAsync()
    {
        try
        {
            return (await RunAsync(["docker", "info"])).Exit == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>The words of the container's health check; they stand in the file as JSON.</summary>
    private static string[] HealthCheck()
    {
        var line = File.ReadAllLines(Path.Combine(Root(), "deploy", "Containerfile")).Single(line => line.StartsWith("    CMD [\"bash\"", StringComparison.Ordinal));
        return JsonSerializer.Deserialize<string[]>(line.Trim()["CMD ".Length..])!;
    }

    private static async Task<string> HeardAsync(Socket supervisor)
    {
        var buffer = new byte[4096];
        using var patience = new CancellationTokenSource(_patience);
        return Encoding.UTF8.GetString(buffer, 0, await supervisor.ReceiveAsync(buffer, patience.Token));
    }

    private static async Task<(int Exit, string Said)> RunAsync(IEnumerable<string> words)
    {
        var command = words.ToArray();
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said + await error);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Posthouse.slnx"))) { folder = folder.Parent!; }
        return folder.FullName;
    }
}
