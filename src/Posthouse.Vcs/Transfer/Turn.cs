using Microsoft.Win32.SafeHandles;
using Posthouse.Storage;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>The right to do something in a clone while no other process does it. The system takes it back when the process dies.</summary>
internal sealed class Turn : IDisposable
{
    private readonly SafeFileHandle _file;

    private Turn(SafeFileHandle file) => _file = file;

    /// <summary>Takes the turn, or null where somebody has it.</summary>
    /// <param name="project">The clone.</param>
    /// <param name="what">What is done, as the name of a file.</param>
    public static Turn? Take(Project project, string what)
    {
        var folder = Path.Combine(project.GitFolder, "posthouse");
        Durable.CreatePrivateDirectory(folder);
        var file = Durable.OpenLockFile(Path.Combine(folder, what + ".lock"));
        if (Durable.TryLock(file))
            return new Turn(file);
        file.Dispose();
        return null;
    }

    /// <summary>Gives it back. In words, not only by closing the file: a program that is being started at this moment shares the
    /// open file until it runs, and would keep the turn so long.</summary>
    public void Dispose()
    {
        Durable.Unlock(_file);
        _file.Dispose();
    }
}
