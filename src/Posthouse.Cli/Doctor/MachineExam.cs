using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Vcs.Git;

namespace Posthouse.Cli.Doctor;

/// <summary>Looks at the machine: Git, the person's name in it, the pocket's disk and its locks, SQLite.</summary>
/// <param name="git">Git.</param>
/// <param name="folder">Where Git is asked.</param>
/// <param name="pocket">The pocket's folder.</param>
internal sealed class MachineExam(IGit git, string folder, string pocket)
{
    /// <summary>The oldest Git whose words the table of failures was tried with.</summary>
    public static readonly Version OldestGit = new(2, 31);

    /// <summary>Below it a person should make room: a project's next version may be as large.</summary>
    private const long LittleSpace = 2L << 30;

    public async IAsyncEnumerable<Finding> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var version = await git.RunAsync(new GitCall(folder, "--version"), cancellationToken);
        yield return Git(version.Text);
        yield return Identity(await git.RunAsync(new GitCall(folder, "var", "GIT_AUTHOR_IDENT"), cancellationToken));
        yield return Try("pocket", () =>
        {
            Durable.CreatePrivateDirectory(pocket);
            var probe = Path.Combine(pocket, "doctor.probe");
            Durable.WriteAllBytesAtomically(probe, "probe"u8);
            File.Delete(probe);
            return new Finding("pocket", Health.Good, $"{pocket} takes what is written, through to the disk");
        });
        foreach (var path in new StorePlace(StoreKind.Pocket, pocket).PutAside) { yield return new Finding("queue", Health.Notable, PutAsideText.Of(path), PutAsideText.Hint); }
        yield return Try("file locks", () => Locks(Path.Combine(pocket, "doctor.lock")));
        yield return Try("disk", () => Space(Durable.FreeBytes(Path.Combine(pocket, "any"))));
        yield return Try("SQLite", () =>
        {
            SqliteLibrary.Use();
            return new Finding("SQLite", Health.Good, $"{SqliteLibrary.Version} ({SqliteLibrary.Source})");
        });
    }

    /// <summary>Judges what <c>git --version</c> says.</summary>
    internal static Finding Git(string said)
    {
        var words = said.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var numbers = words.Length > 2 ? string.Join('.', words[2].Split('.').TakeWhile(part => part.All(char.IsAsciiDigit)).Take(3)) : "";
        if (!Version.TryParse(numbers, out var version)) { return new Finding("Git", Health.Notable, $"says '{said.Trim()}', which is no version"); }

        return version >= OldestGit
            ? new Finding("Git", Health.Good, numbers)
            : new Finding("Git", Health.Broken, $"{numbers} is too old", $"Install Git {OldestGit} or newer.");
    }

    /// <summary>Judges whether locks of this file system keep others out; several processes share the pocket.</summary>
    internal static Finding Locks(string path)
    {
        using var first = Durable.OpenLockFile(path);
        using var second = Durable.OpenLockFile(path);
        var (taken, takenTwice) = (Durable.TryLock(first), Durable.TryLock(second));
        File.Delete(path);
        return taken && !takenTwice
            ? new Finding("file locks", Health.Good, "keep a second process out")
            : new Finding("file locks", Health.Broken, "do nothing on this file system: two processes could write the pocket at once",
                "Move the pocket to a local disk: set POSTHOUSE_HOME to a folder there.");
    }

    /// <summary>Judges the room on the pocket's disk.</summary>
    internal static Finding Space(long free)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1L << 30):0.0} GiB free");
        return free < DiskReserve.Bytes ? new Finding("disk", Health.Broken, text + ": nothing is queued any more", "Free some space.")
            : free < LittleSpace ? new Finding("disk", Health.Notable, text, "Free some space before the next large pull.")
            : new Finding("disk", Health.Good, text);
    }

    private static Finding Identity(GitResult said) => said.ExitCode == 0
        ? new Finding("identity", Health.Good, said.Text[..(said.Text.LastIndexOf('>') + 1)])
        : new Finding("identity", Health.Notable, "Git knows neither your name nor your e-mail address, and will refuse to commit",
            "Say 'git config --global user.name NAME' and 'git config --global user.email ADDRESS'.");

    private static Finding Try(string name, Func<Finding> look)
    {
        try
        {
            return look();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or PosthouseException)
        {
            return new Finding(name, Health.Broken, error.Message, name == "SQLite" ? null : "Mend it, or set POSTHOUSE_HOME to a folder on another disk.");
        }
    }
}
