using Posthouse.Storage;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Comments;

/// <summary>The comments that this clone knows: a file each, in Git's folder, where no work tree shows them and no checkout changes them.</summary>
internal sealed class CommentFolder(Project project)
{
    /// <summary>Most comments of a project: six on each day of ten years. Each is a file here, and somebody who may push could make any number of them.</summary>
    public const int Most = 20_000;

    private readonly string _folder = Path.Combine(project.GitFolder, "posthouse", "comments");

    /// <summary>Completes when the comment is on disk.</summary>
    public void Keep(Comment comment)
    {
        var file = FileOf(comment.Commit, comment.Id);
        Durable.CreatePrivateDirectory(Path.GetDirectoryName(file)!);
        Durable.WriteAllBytesAtomically(file, comment.ToJson());
    }

    /// <summary>Where a comment lies.</summary>
    public string FileOf(string commit, string id) => Path.Combine(_folder, commit, id + ".json");

    /// <summary>The paths of all comments, or of one commit's, as a tree has them.</summary>
    public IReadOnlySet<string> Paths(string? commit = null)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var folder = commit is null ? _folder : Path.Combine(_folder, commit);
        if (!Directory.Exists(folder))
            return found;
        foreach (var file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(_folder, file).Replace('\\', '/');
            if (CommentId.IsPath(path))
                found.Add(path);
        }

        return found;
    }

    /// <summary>All comments, or one commit's; files that are damaged are left out.</summary>
    public IEnumerable<Comment> Read(string? commit = null) => Paths(commit).Select(Find).OfType<Comment>();

    /// <summary>A comment by its path in a tree; null where it is damaged.</summary>
    public Comment? Find(string path)
    {
        var (commit, id) = CommentId.PartsOf(path);
        return Comment.Read(File.ReadAllBytes(FileOf(commit, id)), commit, id);
    }
}
