using System.Text;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Vcs.Projects;

/// <summary>This machine's name in lock records: random, one for each person's store, so that two machines of one name stay two.</summary>
internal static class MachineId
{
    /// <summary>The id; made on first use. A store that is copied to another machine brings its id along: remove the file <c>machine</c> there.</summary>
    /// <param name="pocketFolder">The folder of the person's store.</param>
    /// <param name="ids">Randomness.</param>
    public static string Of(string pocketFolder, IIds ids)
    {
        var path = Path.Combine(pocketFolder, "machine");
        if (Read(path) is { } known)
            return known;

        Durable.CreatePrivateDirectory(pocketFolder);
        var id = CloneId.Draw(ids);
        var unfinished = $"{path}.{id}.new";
        try
        {
            using (var file = Durable.CreatePrivateFile(unfinished))
            {
                file.Write(Encoding.UTF8.GetBytes(id + "\n"));
                file.Flush();
                Durable.Fsync(file.SafeFileHandle);
            }

            // Of two processes at the same moment one is first, and the other takes what that one drew.
            File.Move(unfinished, path, overwrite: Read(path) is null && File.Exists(path));
            Durable.FsyncDirectory(pocketFolder);
            return id;
        }
        catch (IOException) when (Read(path) is not null)
        {
            return Read(path)!;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static string? Read(string path) =>
        File.Exists(path) && File.ReadAllText(path).Trim() is var text && CloneId.IsId(text) ? text : null;
}
