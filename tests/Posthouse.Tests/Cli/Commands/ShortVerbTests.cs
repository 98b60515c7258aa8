using System.Diagnostics;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>A short verb's time goes into loading assemblies, so what it loads is counted in the real process.</summary>
public sealed class ShortVerbTests
{
    /// <summary>What costs a short verb more than it has: measured 46 ms and more each.</summary>
    private static readonly string[] _tooSlow = ["Microsoft.AspNetCore", "Microsoft.Extensions", "Microsoft.Data.Sqlite", "Spectre.Console", "System.Net.Http", "System.Private.Xml"];

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

    private static List<string> LoadedBy(string verb, string station)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Posthouse.Cli.dll"));
        foreach (var word in verb.Split(' ')) { start.ArgumentList.Add(word); }
        start.Environment["POSTHOUSE__DATADIRECTORY"] = station;
        start.Environment.Remove("POSTHOUSE_LOG");
        start.WorkingDirectory = station;
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        using var process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd().ShouldNotBeEmpty();
        var loaded = process.StandardError.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
        return [.. loaded];
    }
}
