using System.Text.Json;

namespace Posthouse.SystemTests.Ivxp;

/// <summary>The JavaScript side of the tests, and the compiled contracts.</summary>
internal static class Scripts
{
    /// <summary>Where the scripts stand.</summary>
    public static string Folder { get; } = Path.Combine(Root(), "tests", "js");

    /// <summary>What npm installed for them.</summary>
    public static string NodeModules { get; } = Path.Combine(Folder, "node_modules");

    /// <summary>Where the contracts stand.</summary>
    public static string Contracts { get; } = Path.Combine(Root(), "contracts");

    /// <summary>A contract as <c>contracts/compile.mjs</c> wrote it.</summary>
    public static JsonElement Contract(string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Contracts, file))).RootElement;

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Posthouse.slnx"))) { folder = folder.Parent!; }
        return folder.FullName;
    }
}
