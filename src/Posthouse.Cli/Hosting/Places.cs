namespace Posthouse.Cli.Hosting;

/// <summary>
/// Where things live. The pocket belongs to a person and serves every client verb; a station belongs to a server and is
/// a folder of its own; a project is a folder with <c>.posthouse</c> in it.
/// </summary>
internal sealed record Places
{
    /// <summary>The key file's name in a pocket.</summary>
    public const string WalletName = "wallet.key";

    private const string ProjectFolder = ".posthouse";
    private const string ConfigurationFile = "config.json";

    /// <summary>The folder of the person's own store.</summary>
    public required string Pocket { get; init; }

    /// <summary>The person's configuration file; it need not exist.</summary>
    public required string UserConfiguration { get; init; }

    /// <summary>The key file of the person's own wallet; it need not exist.</summary>
    public string WalletKey => Path.Combine(Pocket, WalletName);

    /// <summary>The nearest folder at or above the working folder that is a project, or null.</summary>
    public required string? Project { get; init; }

    /// <summary>The project's configuration file, or null outside a project; it need not exist.</summary>
    public string? ProjectConfiguration => Project is null ? null : Path.Combine(Project, ProjectFolder, ConfigurationFile);

    /// <summary>The file by which a running server tells verbs its address, process and start.</summary>
    /// <param name="station">A server's data folder.</param>
    public static string ServeFile(string station) => Path.Combine(station, "serve.json");

    /// <summary>Reads the places of this process.</summary>
    public static Places OfProcess() => OfProcess(Environment.CurrentDirectory);

    /// <summary>The same, as if the process worked in another folder.</summary>
    public static Places OfProcess(string workingFolder) => Find(
        Environment.GetEnvironmentVariable,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        workingFolder);

    /// <summary>
    /// Decides from what the system says. No system is asked for by name: where the system's folder for local data is
    /// the one of the XDG base directory specification, so is the pocket's, and elsewhere it is that folder.
    /// </summary>
    public static Places Find(Func<string, string?> variable, string home, string localData, string settings, string workingFolder)
    {
        var own = variable("POSTHOUSE_HOME") is { Length: > 0 } given ? Path.GetFullPath(given, workingFolder) : null;
        return new Places
        {
            Pocket = own ?? FindPocket(variable, home, localData),
            UserConfiguration = own is null ? Path.Combine(settings, "posthouse", ConfigurationFile) : Path.Combine(own, ConfigurationFile),
            Project = FindProject(workingFolder),
        };
    }

    private static string FindPocket(Func<string, string?> variable, string home, string localData)
    {
        // The specification says that a relative path is to be ignored.
        if (variable("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathFullyQualified(state)) { return Path.Combine(state, "posthouse"); }

        var isXdg = localData == variable("XDG_DATA_HOME") || localData == Path.Combine(home, ".local", "share");
        return isXdg ? Path.Combine(home, ".local", "state", "posthouse") : Path.Combine(localData, "Posthouse");
    }

    private static string? FindProject(string workingFolder)
    {
        for (var folder = new DirectoryInfo(workingFolder); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, ProjectFolder))) { return folder.FullName; }
        }

        return null;
    }
}
