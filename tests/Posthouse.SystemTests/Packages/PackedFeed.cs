using System.Xml.Linq;

namespace Posthouse.SystemTests.Packages;

/// <summary>
/// The packages of this build in a feed of their own, and projects that know Posthouse from nowhere else. Packages of others
/// come from where the repository gets them; what this machine has already is not fetched again.
/// </summary>
public sealed class PackedFeed : IAsyncLifetime
{
    private static readonly string _configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("posthouse-feed-");

    internal string Feed => Path.Combine(_folder.FullName, "feed");

    internal static string Root { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));

    public async ValueTask InitializeAsync()
    {
        await DotnetAsync(Root, "pack", "Posthouse.slnx", "--no-build", "-c", _configuration, "-o", Feed);
        Settings().Save(Path.Combine(_folder.FullName, "nuget.config"));

        // Nothing of the repository's own settings may reach a consumer.
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "Directory.Build.props"), "<Project />");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "Directory.Build.targets"), "<Project />");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "Directory.Packages.props"), "<Project />");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes a project of a user: strict, empty but for these packages and this program.</summary>
    /// <returns>Its folder.</returns>
    internal string Project(string name, string program, IEnumerable<string> packages, string properties = "", string sdk = "Microsoft.NET.Sdk")
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "Program.cs"), program);
        File.WriteAllText(Path.Combine(folder, $"{name}.csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <InvariantGlobalization>true</InvariantGlobalization>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                {string.Concat(packages.Select(package => $"<PackageReference Include=\"{package.Split('/')[0]}\" Version=\"{package.Split('/')[1]}\" />"))}
              </ItemGroup>
            </Project>
            """);
        return folder;
    }

    internal async Task<string> DotnetAsync(string folder, params string[] arguments)
    {
        await using var dotnet = RunningProgram.Start("dotnet", arguments, folder, ("NUGET_PACKAGES", Path.Combine(_folder.FullName, "packages")),
            ("MSBUILDDISABLENODEREUSE", "1"), ("DOTNET_CLI_USE_MSBUILD_SERVER", "0"));
        var code = await dotnet.EndAsync(TimeSpan.FromMinutes(8));
        code.ShouldBe(0, $"dotnet {string.Join(' ', arguments)}\n{dotnet.Said}");
        return dotnet.Said;
    }

    /// <summary>The repository's sources for everything, the feed for Posthouse alone.</summary>
    private XDocument Settings()
    {
        var settings = XDocument.Load(Path.Combine(Root, "nuget.config"));
        var sources = settings.Root!.Element("packageSources")!;
        var others = sources.Elements("add").Select(source => source.Attribute("key")!.Value).ToList();
        sources.Add(new XElement("add", new XAttribute("key", "packed"), new XAttribute("value", Feed)));
        settings.Root.Add(
            new XElement("packageSourceMapping",
                Source("packed", "Posthouse", "Posthouse.*"),
                others.Select(other => Source(other, "*"))),
            new XElement("fallbackPackageFolders",
                new XElement("add", new XAttribute("key", "machine"), new XAttribute("value", MachinePackages()))));
        return settings;
    }

    private static XElement Source(string key, params string[] patterns) => new("packageSource", new XAttribute("key", key),
        patterns.Select(pattern => new XElement("package", new XAttribute("pattern", pattern))));

    private static string MachinePackages() => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } given
        ? given
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
