namespace Posthouse.Vcs.Projects;

/// <summary>A clone that this machine works in, and its remote.</summary>
/// <param name="Root">The work tree's root, in full.</param>
/// <param name="GitFolder">Git's own folder of it (the common one, where there are several work trees), in full.</param>
/// <param name="CloneId">Random, 16 hexadecimal digits, kept inside <paramref name="GitFolder"/>: it moves with the folder. Another one at each remote; see <see cref="Projects.CloneId.At"/>.</param>
/// <param name="Remote">The remote's name, for example <c>origin</c>.</param>
/// <param name="PushUrl">The one address that pushes go to and locks are kept at; may hold a user name, never shown.</param>
internal sealed record Project(string Root, string GitFolder, string CloneId, string Remote, string PushUrl)
{
    /// <summary>The last part of the root: what people call it.</summary>
    public string Name => Path.GetFileName(Root.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>The destination of this clone's jobs: its connectivity is the remote's, and no other clone's.</summary>
    public string Destination => DestinationOf(CloneId);

    /// <summary>The destination of a clone's jobs.</summary>
    public static string DestinationOf(string cloneId) => "vcs:" + cloneId;
}
