using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Posthouse.Files;
using Posthouse.Hosting;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// The folder of <c>Files:Directory</c>: files of jobs in <c>vault</c>, results of orders in <c>results</c>, and a file with the name of the store
/// whose they are. The store remembers that it has such a folder, so that one that is not mounted is not taken for an empty one, and
/// no two stores free each other's files.
/// </summary>
internal static class SharedFolder
{
    private const string MarkName = "posthouse-store";
    private const string VaultName = "vault";
    private const string ResultsName = "results";

    /// <summary>The note of a store whose files are in such a folder.</summary>
    public const string InFolder = "folder";

    /// <summary>The note of a store that keeps them itself.</summary>
    public const string InStore = "store";

    /// <summary>Where results of orders are kept; null: in the store.</summary>
    public static string? Results(Configuration configuration) => Configured(configuration) is { } folder ? Path.Combine(folder, ResultsName) : null;

    /// <summary>Keeps the files of a container's jobs in it, where one is configured.</summary>
    public static void Use(PosthouseBuilder builder, Configuration configuration)
    {
        if (Configured(configuration) is not { } folder) { return; }

        builder.Services.Replace(ServiceDescriptor.Singleton<IFileCustody>(provider => new MountedVault(Path.Combine(folder, VaultName), vault => new FolderVault(
            vault, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IIds>(), provider.GetRequiredService<PosthouseOptions>().Limits.MaxFileBytes))));
    }

    /// <summary>Sees to it that the folder is the store's own and that nothing of the store is elsewhere.</summary>
    /// <param name="services">The container with the store.</param>
    /// <param name="configuration">May name the folder.</param>
    /// <param name="starting">This server, which counts for the others from here on; null: the store is nobody else's.</param>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: it is not there, or not the store's. OPTIONS_INVALID: the store's files are elsewhere than the configuration
    /// says, or another server keeps them there.</exception>
    public static async Task OpenAsync(IServiceProvider services, Configuration configuration, StartingServer? starting = null)
    {
        var (store, ids) = (services.GetRequiredService<IStore>(), services.GetRequiredService<IIds>());
        var configured = Configured(configuration);
        var (name, isInFolder) = await store.WriteAsync(write =>
        {
            if (StationFacts.Find(write, StationFacts.Moving) is not null)
            {
                throw new PosthouseException(ErrorCodes.StoreBusy, "A store is being moved into this database, and not all of it is there. Go on with 'posthouse store move' where that was begun.");
            }

            var known = StationFacts.Find(write, StationFacts.Name);
            if (known is null) { StationFacts.Note(write, StationFacts.Name, known = ids.NextUInt64().ToString("x16", CultureInfo.InvariantCulture)); }
            if (configured is null) { KeepInStore(write); }
            else { CheckFolder(write, starting); }

            starting?.Enter(write);
            return (known, StationFacts.Find(write, StationFacts.Files) == InFolder);
        });
        if (configured is null) { return; }

        CheckMark(configured, name, isInFolder);
        if (isInFolder) { return; }

        Claim(configured, name);
        await store.WriteAsync(write =>
        {
            // Again: a server that keeps them in the store may have begun since.
            CheckFolder(write, starting);
            StationFacts.Note(write, StationFacts.Files, InFolder);
            return true;
        });
    }

    private static void KeepInStore(IWrite write)
    {
        if (StationFacts.Find(write, StationFacts.Files) == InFolder)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"Files of this store are in a shared folder, and {StoreKeys.FilesDirectory} names none. Set it to that folder.");
        }

        StationFacts.Note(write, StationFacts.Files, InStore);
    }

    /// <summary>Refuses a folder for a store whose files are in the store, if anything would be hidden by it or a server goes on to put them there.</summary>
    private static void CheckFolder(IWrite write, StartingServer? starting)
    {
        var noted = StationFacts.Find(write, StationFacts.Files);
        if (noted == InFolder) { return; }

        if (noted == InStore && starting?.HasOthers(write) == true)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"The other servers of this database keep files in it, and {StoreKeys.FilesDirectory} of this one names a folder. Give all of them the same; a folder can take its place once they have been down for a minute.");
        }

        if (write.Scalar("SELECT count(*) FROM vault_file") is > 0 and var files)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"The store itself still holds {files} file(s) of jobs, which {StoreKeys.FilesDirectory} would hide. Unset it, let their jobs end and their hour pass, and set it then.");
        }
    }

    /// <summary>Makes a folder that is there and nobody's a store's own; answers the vault in it.</summary>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: it is not there, or another store's.</exception>
    public static string Claim(string folder, string name)
    {
        CheckMark(folder, name, isKnown: false);
        var vault = Path.Combine(folder, VaultName);
        Durable.CreatePrivateDirectory(vault);
        Durable.CreatePrivateDirectory(Path.Combine(folder, ResultsName));
        Durable.WriteAllBytesAtomically(Path.Combine(folder, MarkName), System.Text.Encoding.ASCII.GetBytes(name + "\n"));
        return vault;
    }

    /// <summary>The configured folder, in full, or null.</summary>
    public static string? Configured(Configuration configuration) => configuration.Text(StoreKeys.FilesDirectory) is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    private static void CheckMark(string folder, string name, bool isKnown)
    {
        try
        {
            var mark = Path.Combine(folder, MarkName);
            var why = !Directory.Exists(folder) ? "is not there"
                : !File.Exists(mark) ? isKnown ? $"is not the one that holds this store's files: it has no {MarkName}" : null
                : File.ReadAllText(mark).Trim() == name ? null
                : "holds the files of another store";
            if (why is not null)
            {
                throw new PosthouseException(ErrorCodes.StoreUnavailable, $"The folder {folder} of {StoreKeys.FilesDirectory} {why}. See that the right one is mounted there.");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(ErrorCodes.StoreUnavailable, $"The folder {folder} of {StoreKeys.FilesDirectory} cannot be read ({error.Message}).", error);
        }
    }
}
