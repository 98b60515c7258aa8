using Posthouse.Storage;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Sync;

/// <summary>A clone as the store remembers it.</summary>
/// <param name="CloneId">Its id.</param>
/// <param name="Root">Where it was seen last.</param>
/// <param name="Remote">Its remote's name.</param>
/// <param name="Address">The remote's address, as it is shown.</param>
/// <param name="SeenAt">When a verb was last run in it.</param>
internal sealed record KnownProject(string CloneId, string Root, string Remote, string Address, DateTimeOffset SeenAt)
{
    /// <summary>What people call it.</summary>
    public string Name => Path.GetFileName(Root.TrimEnd('/', '\\'));
}

/// <summary>
/// Remembers where clones are, so that their operations are run there and nowhere else, whatever folder a sync is started in. A
/// clone that moved is found again when a verb is run in it.
/// </summary>
internal sealed class ProjectBook(IStore store)
{
    /// <summary>Notes where a clone is now.</summary>
    public Task SeenAsync(Project project) => store.WriteAsync(write => Seen(write, project));

    /// <summary>A clone, or null.</summary>
    public Task<KnownProject?> FindAsync(string cloneId) => store.ReadAsync(read => Find(read, cloneId));

    /// <summary>All clones, those used last first.</summary>
    public static List<KnownProject> List(IRead read) => read.Query("SELECT clone_id, root, remote, address, seen_at FROM vcs_project ORDER BY seen_at DESC, clone_id", Row);

    /// <summary>A clone, or null.</summary>
    public static KnownProject? Find(IRead read, string cloneId) =>
        read.QueryFirst("SELECT clone_id, root, remote, address, seen_at FROM vcs_project WHERE clone_id = $1", Row, cloneId);

    /// <summary>Notes where a clone is now, in a transaction.</summary>
    public static bool Seen(IWrite write, Project project) => write.Execute("""
        INSERT INTO vcs_project(clone_id, root, remote, address, seen_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (clone_id) DO UPDATE SET root = excluded.root, remote = excluded.remote, address = excluded.address, seen_at = excluded.seen_at
        """, project.CloneId, project.Root, project.Remote, RemoteHealth.Shown(project.PushUrl), write.Now.ToUnixTimeMilliseconds()) > 0;

    private static KnownProject Row(IRow row) => new(row.Text(0), row.Text(1), row.Text(2), row.Text(3), DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(4)));
}
