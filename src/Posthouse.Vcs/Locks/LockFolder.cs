using Posthouse.Storage;

namespace Posthouse.Vcs.Locks;

/// <summary>Whether a folder is fit to decide races: its file system must give a name to one writer only, and no program may copy it between machines.</summary>
internal static class LockFolder
{
    private const string MarkName = "posthouse-locks";
    private const string MarkText = "Locks of posthouse, version 1. Each folder here is one lock; the file with the highest number counts. Leave them alone.\n";
    private const int Writers = 4; // Enough to see two winners where a name is not exclusive.

    // Programs that copy a folder to other machines some time later: two machines would each see their own name given.
    private static readonly string[] _syncMarks = [".stfolder", ".dropbox", ".dropbox.cache", ".nextcloudsync.log", ".owncloudsync.log", ".sync/ID"];
    private static readonly string[] _syncFolders = ["OneDrive", "Dropbox", "Google Drive", "GoogleDrive", "CloudStorage", "Mobile Documents", "iCloudDrive", "pCloudDrive", "MEGA"];

    /// <summary>Whether the folder was made one of locks.</summary>
    public static bool IsMarked(string folder) => File.Exists(Path.Combine(folder, MarkName));

    /// <summary>Makes it one. A mark that is there stays.</summary>
    public static void Mark(string folder)
    {
        if (!IsMarked(folder))
            File.WriteAllText(Path.Combine(folder, MarkName), MarkText);
        Durable.FsyncDirectory(folder);
    }

    /// <summary>Why the folder cannot hold locks; null when it can.</summary>
    public static RemoteFailure? Objection(string folder)
    {
        var full = Durable.Canonical(folder);
        if (SyncedBy(full) is { } what)
        {
            return new RemoteFailure(FailureCategory.Local, $"{folder} is copied between machines by a program ({what}): two people would each see their own lock.")
            {
                Hint = "Use a folder on a file server, or keep the locks on the Git remote.",
            };
        }

        return IsExclusive(full) ? null : new RemoteFailure(FailureCategory.Local, $"The file system of {folder} does not give a name to one writer only.")
        {
            Hint = "Use a folder on another file system, or keep the locks on the Git remote.",
        };
    }

    private static string? SyncedBy(string full)
    {
        for (var folder = full; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var name = Path.GetFileName(folder);
            if (_syncFolders.FirstOrDefault(known => name.Equals(known, StringComparison.OrdinalIgnoreCase) || name.StartsWith(known + " ", StringComparison.OrdinalIgnoreCase)) is { } byName)
                return byName;
            if (_syncMarks.FirstOrDefault(mark => Path.Exists(Path.Combine(folder, mark))) is { } byMark)
                return byMark;
        }

        return null;
    }

    /// <summary>Tries what every lock relies on: of several writers of one name exactly one is told that it has it, and its bytes stand there.</summary>
    private static bool IsExclusive(string full)
    {
        var trial = Path.Combine(full, $".posthouse-trial-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(trial);
            var name = Path.Combine(trial, "name");
            var winners = new List<int>();
            for (var writer = 0; writer < Writers; writer++)
            {
                var draft = Path.Combine(trial, $"{writer}");
                File.WriteAllText(draft, $"{writer}");
                if (Durable.TryName(draft, name))
                    winners.Add(writer);
            }

            return winners is [var winner] && File.ReadAllText(name) == $"{winner}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            if (Directory.Exists(trial))
                Directory.Delete(trial, recursive: true);
        }
    }
}
