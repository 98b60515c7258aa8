using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Posthouse.SystemTests.Packages;

/// <summary>What package users are promised, proved from packages and not from projects.</summary>
public sealed partial class PackageTests(PackedFeed feed) : IClassFixture<PackedFeed>
{
    /// <summary>The container of a console program; hosts bring their own.</summary>
    private const string Container = "Microsoft.Extensions.DependencyInjection/10.0.0";

    private const string Trimmed = """
        using System.Text.Json.Serialization;
        using Microsoft.Extensions.DependencyInjection;
        using Posthouse;
        using Posthouse.Jobs;

        var services = new ServiceCollection();
        services.AddPosthouse().UseSqlite(Path.Combine(AppContext.BaseDirectory, "trimmed.db")).AddTrimmedJobs();
        await using var provider = services.BuildServiceProvider();
        await using var posthouse = await provider.StartPosthouse();
        var sum = await posthouse.Queue.EnqueueAsync(new Add(2, 3));
        Console.WriteLine($"{sum.Optimistic} then {(await sum.Completion).Result}");

        [Job("trimmed.add", Lane = "{Left}")]
        public sealed record Add(int Left, int Right) : IJob<Sum>
        {
            public Sum OptimisticResult(OptimisticContext context) => new(0);
        }

        public sealed record Sum(int Value);

        public sealed class AddHandler : IJobHandler<Add, Sum>
        {
            public Task<Outcome<Sum>> HandleAsync(Add job, JobContext context, CancellationToken cancellationToken) =>
                Task.FromResult<Outcome<Sum>>(new Sum(job.Left + job.Right));
        }

        [JsonSerializable(typeof(Add)), JsonSerializable(typeof(Sum))]
        internal sealed partial class TrimmedJson : JsonSerializerContext;
        """;

    [Fact]
    public async Task The_first_sample_of_the_readme_builds_and_runs_from_the_packages()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(PackedFeed.Root, "README.md"));
        var sample = Sample().Match(readme);
        var folder = feed.Project("Hello", sample.Groups["program"].Value, [$"Posthouse/{Version("Posthouse")}", Container]);
        await feed.DotnetAsync(folder, "build", "-c", "Release");

        await using var hello = RunningProgram.Start("dotnet", [Path.Combine(folder, "bin", "Release", "net10.0", "Hello.dll")], folder);
        (await hello.EndAsync()).ShouldBe(0, hello.Said);
        hello.Said.Trim().ShouldBe(sample.Groups["output"].Value.Trim());
    }

    [Fact]
    public async Task A_providers_packages_restore_and_build()
    {
        var folder = feed.Project("Shop", """
            using Posthouse;
            using Posthouse.Ivxp.Orders;

            var builder = WebApplication.CreateBuilder(args);
            builder.Services.AddPosthouse().UseSqlite("shop.db");
            Console.WriteLine(typeof(OrderState));
            """, [$"Posthouse.AspNetCore/{Version("Posthouse.AspNetCore")}", $"Posthouse/{Version("Posthouse")}"], sdk: "Microsoft.NET.Sdk.Web");
        await feed.DotnetAsync(folder, "build");
    }

    [Fact]
    public async Task The_tool_installs_and_answers()
    {
        var tools = Path.Combine(Path.GetDirectoryName(feed.Feed)!, "tools");
        await feed.DotnetAsync(Path.GetDirectoryName(feed.Feed)!, "tool", "install", "Posthouse.Cli", "--version", Version("Posthouse.Cli"), "--tool-path", tools);
        await using var tool = RunningProgram.Start(Path.Combine(tools, "posthouse"), ["version"], tools);
        (await tool.EndAsync()).ShouldBe(0, tool.Said);
        tool.Said.ShouldContain(Version("Posthouse.Cli"));
    }

    [Fact]
    public async Task A_trimmed_publish_compiled_ahead_runs()
    {
        var folder = feed.Project("Trimmed", Trimmed, [$"Posthouse/{Version("Posthouse")}", Container], """
            <PublishTrimmed>true</PublishTrimmed>
            <PublishReadyToRun>true</PublishReadyToRun>
            <WarningsNotAsErrors>IL2104</WarningsNotAsErrors>
            """);
        var said = await feed.DotnetAsync(folder, "publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "--self-contained",
            "-o", Path.Combine(folder, "out"));

        // The ADO.NET package, for transactions of the application's own, is the one thing that promises no trimming.
        said.Split('\n').Where(line => line.Contains(": warning ", StringComparison.Ordinal)).ShouldAllBe(
            line => line.Contains("IL2104: Assembly 'Microsoft.Data.Sqlite'", StringComparison.Ordinal));
        await using var trimmed = RunningProgram.Start(Path.Combine(folder, "out", "Trimmed"), [], folder);
        (await trimmed.EndAsync()).ShouldBe(0, trimmed.Said);
        trimmed.Said.Trim().ShouldBe("Sum { Value = 0 } then Sum { Value = 5 }");
    }

    [Theory]
    [InlineData("Posthouse")]
    [InlineData("Posthouse.Ivxp")]
    [InlineData("Posthouse.AspNetCore")]
    [InlineData("Posthouse.Cli")]
    public void A_package_says_what_it_is(string id)
    {
        using var package = ZipFile.OpenRead(Path.Combine(feed.Feed, $"{id}.{Version(id)}.nupkg"));
        using var nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        string? Said(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;
        (Said("license"), Said("icon"), Said("readme")).ShouldBe(("MIT", "icon.png", "README.md"));
        Said("description").ShouldNotBeNullOrWhiteSpace();
        metadata.Elements().Single(element => element.Name.LocalName == "repository").Attribute("commit")!.Value.Length.ShouldBe(40);

        var names = package.Entries.Select(entry => entry.FullName).ToList();
        names.ShouldContain("icon.png");
        names.ShouldContain("README.md");
        if (id != "Posthouse.Cli")
        {
            names.ShouldContain($"lib/net10.0/{id}.xml");
            File.Exists(Path.Combine(feed.Feed, $"{id}.{Version(id)}.snupkg")).ShouldBeTrue();
        }

        names.Contains("analyzers/dotnet/cs/Posthouse.Generator.dll").ShouldBe(id == "Posthouse");
        names.Contains("buildTransitive/Posthouse.props").ShouldBe(id == "Posthouse");
    }

    /// <summary>The version the feed has.</summary>
    private string Version(string id) => Directory.GetFiles(feed.Feed, $"{id}.*.nupkg").Select(Path.GetFileName)
        .Select(name => PackageName().Match(name!)).Single(match => match.Groups["id"].Value == id).Groups["version"].Value;

    [GeneratedRegex(@"^```csharp\n(?<program>.*?)^```\n.*?^```\n(?<output>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"^(?<id>[A-Za-z.]+)\.(?<version>\d.*)\.nupkg$")]
    private static partial Regex PackageName();
}
