using Posthouse.Storage;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>The right to do something in a clone while no other process does it. The system takes it back when the process dies.</summary>
internal sealed class Turn : IDisposable
{
    private readonly FileLock _lock;

    private Turn(FileLock held) => _lock = held;

    /// <summary>Takes the turn, or null where somebody has it.</summary>
    /// <param name="project">The clone.</param>
    /// <param name="what">What is done, as the name of a file.</param>
    public static Turn? Take(Project project, string what)
    {
        var folder = Path.Combine(project.GitFolder, "posthouse");
        Durable.CreatePrivateDirectory(folder);
        return FileLock.TryTake(Path.Combine(folder, what + ".lock")) is { } held ? new Turn(held) : null;
    }

    /// <summary>Gives it back.</summary>
    public void Dispose() => _lock.Dispose();
}
