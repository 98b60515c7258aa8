using System.Diagnostics;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>A short verb's time goes into loading assemblies, so what it loads is counted in the real process.</summary>
public sealed class ShortVerbTests
{
    /// <summary>What costs a short verb more than it has: measured 46 ms and more each.</summary>
    private static readonly string[] _tooSlow = ["Microsoft.AspNetCore", "Microsoft.Extensions", "Microsoft.Data.Sqlite", "Spectre.Console", "System.Net.Http", "System.Private.Xml", "Npgsql"];

    [Theory]
    [InlineData("version")]
    [InlineData("config list")]
    [InlineData("config get Ivxp:Push:Timeout")]
    [InlineData("queue status")]
    [InlineData("queue list --json")]
    [InlineData("queue pause --destination nowhere")]
    public async Task A_short_verb_loads_nothing_slow(string verb)
    {
        using var stage = new QueueStage();
        await stage.Enqueue(QueueStage.Draft("mail-1"));
        var loaded = LoadedBy(verb, stage.Data);

        loaded.ShouldContain("System.CommandLine");
        loaded.Where(name => _tooSlow.Any(slow => name.StartsWith(slow, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("lock status --cached")]
    [InlineData("lock list --cached --json")]
    public void A_look_at_remembered_locks_loads_nothing_slow(string verb)
    {
        using var stage = new QueueStage();
        using (var git = Process.Start(new ProcessStartInfo("git", ["init", "--quiet", stage.Data]))!) { git.WaitForExit(); }
        var loaded = LoadedBy(verb, stage.Data);

        loaded.ShouldContain("Posthouse.Vcs");
        loaded.Where(name => _tooSlow.Any(slow => name.StartsWith(slow, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    [Fact]
    public void A_terminal_gets_no_byte_that_the_verb_does_not_write()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "'script' of Linux makes the terminal");
        var start = new ProcessStartInfo("script", ["-qec", $"'{Dotnet}' '{Path.Combine(AppContext.BaseDirectory, "Posthouse.Cli.dll")}' version", "/dev/null"]) { RedirectStandardOutput = true };
        start.Environment["TERM"] = "xterm";
        start.Environment["NO_COLOR"] = "1";
        using var process = Process.Start(start)!;
        var shown = process.StandardOutput.ReadToEnd();

        shown.ShouldStartWith("posthouse 0.");
        shown.ShouldNotContain('\e');
    }

    [Fact]
    public void A_folder_before_the_verb_is_where_it_works()
    {
        using var stage = new QueueStage();
        var project = Directory.CreateDirectory(Path.Combine(stage.Data, "my song", ".posthouse")).FullName;
        using var process = Start(["-C", "my song", "config", "path"], stage.Data);

        process.StandardOutput.ReadToEnd().ShouldContain(Path.Combine(project, "config.json"));
        process.WaitForExit();
    }

    private static string Dotnet => Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    private static List<string> LoadedBy(string verb, string station)
    {
        using var process = Start(verb.Split(' '), station);
        process.StandardOutput.ReadToEnd().ShouldNotBeEmpty();
        var loaded = process.StandardError.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
        return [.. loaded];
    }

    private static Process Start(string[] words, string station)
    {
        var start = new ProcessStartInfo(Dotnet)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Posthouse.Cli.dll"));
        foreach (var word in words) { start.ArgumentList.Add(word); }
        start.Environment["POSTHOUSE__DATADIRECTORY"] = station;
        start.Environment.Remove("POSTHOUSE_LOG");
        start.WorkingDirectory = station;
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        return Process.Start(start)!;
    }
}
