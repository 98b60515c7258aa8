using System.Globalization;
using System.Text;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Comments;

/// <summary>
/// Puts the comments of both sides together: the remote's tree is read, what is new is kept here, what it lacks is added to it, and
/// the ref is moved only if nobody moved it meanwhile. Who was slower begins anew, with the other's comments in the tree; so nothing
/// is lost, in whatever order people come, and a repeated exchange finds nothing to do.
/// </summary>
internal sealed class CommentExchange(IGit git, Project project, CommentFolder folder)
{
    /// <summary>The remote's ref: a commit with the tree <c>COMMIT/ID.json</c>.</summary>
    public const string Ref = RemoteRefs.Namespace + "comments";

    /// <summary>Where the remote's state is kept here, so that Git does not clear it away.</summary>
    private const string Fetched = RemoteRefs.Namespace + "fetched/comments";

    /// <summary>Each lost round is another's success; who loses so many comes back later.</summary>
    private const int MaxRounds = 10;

    /// <summary>Most comments that are read at once: with the longest texts they stay within a run's limit of output.</summary>
    private const int ReadAtOnce = 500;

    private readonly RemoteRefs _refs = new(git, project);

    /// <summary>Exchanges.</summary>
    /// <exception cref="VcsException">The remote could not be read, or the local store.</exception>
    public async Task<CommentSync> RunAsync((string Name, string Email) author, CancellationToken cancellationToken)
    {
        var pulled = 0;
        IReadOnlyList<string> sent = [];
        for (var round = 0; round < MaxRounds; round++)
        {
            var at = await _refs.FindAsync(Ref, cancellationToken);
            var there = at is null ? new Dictionary<string, string>() : await TreeAsync(at, cancellationToken);
            pulled += await KeepNewAsync(there, cancellationToken);
            IReadOnlyList<string> lacking = [.. folder.Paths().Where(path => !there.ContainsKey(path) && folder.Find(path) is not null).Order(StringComparer.Ordinal)];
            if (lacking.Count == 0)
                return new CommentSync.Done(sent.Count, pulled);
            sent = lacking;
            var built = await BuildAsync(at, lacking, author, cancellationToken);
            var call = new GitCall(project.Root, ["push", "--porcelain", .. RemoteRefs.Quietly, $"--force-with-lease={Ref}:{at}", "--", project.Remote, $"{built}:{Ref}"]) { Talks = true };
            var result = await git.RunAsync(call, cancellationToken);
            var said = PushPorcelain.Parse(result.Text);
            if (result.ExitCode == 0 && said.Any(one => one.Ref == Ref && one.IsDone))
                return new CommentSync.Done(sent.Count, pulled);

            // Refused, or the answer was lost: the next round's look tells. If the ref did not move at all, there was another reason.
            if (await _refs.FindAsync(Ref, cancellationToken) == at)
                return new CommentSync.Failed(GitFailures.Judge(result, said));
        }

        return new CommentSync.Failed(new RemoteFailure(FailureCategory.Contention, "Others exchange comments at this moment; yours are safe here."));
    }

    /// <summary>The comments of a commit of the remote's ref: path and blob.</summary>
    private async Task<Dictionary<string, string>> TreeAsync(string at, CancellationToken cancellationToken)
    {
        var here = await git.RunAsync(new GitCall(project.Root, "rev-parse", "--verify", "--quiet", at + "^{commit}"), cancellationToken);
        if (here.ExitCode != 0)
        {
            await RunAsync(new GitCall(project.Root, "fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--", project.PushUrl, $"+{Ref}:{Fetched}")
            {
                Talks = true,
                Timeout = null,
            }, cancellationToken);
        }

        var listed = await RunAsync(new GitCall(project.Root, "ls-tree", "-r", "-l", "-z", "--full-tree", at), cancellationToken);
        var comments = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in listed.Text.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry.Split('\t', 2) is [var what, var path] && CommentId.IsPath(path)
                && what.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "blob", var blob, var size] && long.Parse(size, CultureInfo.InvariantCulture) <= Comment.MaxBytes)
            {
                comments[path] = blob;
            }
        }

        return comments;
    }

    /// <summary>Keeps the remote's comments that are not here yet; what is no comment stays on the remote and is not looked at.</summary>
    private async Task<int> KeepNewAsync(Dictionary<string, string> there, CancellationToken cancellationToken)
    {
        var (known, kept) = (folder.Paths(), 0);
        var unknown = there.Where(one => !known.Contains(one.Key)).ToList();
        if (known.Count + unknown.Count > CommentFolder.Most)
        {
            throw new VcsException(new RemoteFailure(FailureCategory.Local, $"The remote has {unknown.Count} comments that are not here, and more than {CommentFolder.Most} in all are not taken.")
            {
                Hint = $"Look at 'git ls-tree -r {Fetched}': somebody may have put them there by mistake.",
            });
        }

        foreach (var some in unknown.Chunk(ReadAtOnce))
        {
            var input = Encoding.ASCII.GetBytes(string.Concat(some.Select(one => one.Value + "\n")));
            var read = await RunAsync(new GitCall(project.Root, "cat-file", "--batch") { Input = input }, cancellationToken);
            var at = 0;
            foreach (var (path, _) in some)
            {
                var (commit, id) = CommentId.PartsOf(path);
                if (Comment.Read(Next(read.Output, ref at), commit, id) is not { } comment)
                    continue;
                folder.Keep(comment);
                kept++;
            }
        }

        return kept;
    }

    /// <summary>One object of what <c>cat-file --batch</c> wrote: a line with its size at the end, the bytes, a line break.</summary>
    private static ReadOnlySpan<byte> Next(byte[] output, ref int at)
    {
        var rest = output.AsSpan(at);
        var line = Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)'\n')]);
        var size = int.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        at += line.Length + 1 + size + 1;
        return rest.Slice(line.Length + 1, size);
    }

    /// <summary>A commit on top of the remote's that has the lacking comments too, and all else that the remote's has.</summary>
    private async Task<string> BuildAsync(string? at, IReadOnlyList<string> lacking, (string Name, string Email) author, CancellationToken cancellationToken)
    {
        var files = lacking.Select(path =>
        {
            var (commit, id) = CommentId.PartsOf(path);
            return folder.FileOf(commit, id) + "\n";
        });
        var hashed = await RunAsync(new GitCall(project.Root, "hash-object", "-w", "--no-filters", "--stdin-paths") { Input = Encoding.UTF8.GetBytes(string.Concat(files)) }, cancellationToken);
        var blobs = hashed.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var entries = lacking.Zip(blobs, (path, blob) => $"100644 {blob}\t{path}\n");

        // An index of its own: the person's is never touched.
        var index = Path.Combine(project.GitFolder, "posthouse", "comments.index");
        File.Delete(index);
        var own = new Dictionary<string, string?>
        {
            ["GIT_INDEX_FILE"] = index,
            ["GIT_AUTHOR_NAME"] = author.Name,
            ["GIT_AUTHOR_EMAIL"] = author.Email,
            ["GIT_COMMITTER_NAME"] = author.Name,
            ["GIT_COMMITTER_EMAIL"] = author.Email,
        };
        if (at is not null)
            await RunAsync(new GitCall(project.Root, "read-tree", at) { Environment = own }, cancellationToken);
        await RunAsync(new GitCall(project.Root, "update-index", "--add", "--index-info") { Environment = own, Input = Encoding.UTF8.GetBytes(string.Concat(entries)) }, cancellationToken);
        var tree = (await RunAsync(new GitCall(project.Root, "write-tree") { Environment = own }, cancellationToken)).Text.Trim();
        File.Delete(index);
        IReadOnlyList<string> parents = at is null ? [] : ["-p", at];
        var commit = new GitCall(project.Root, ["commit-tree", tree, .. parents, "-m", "Comments"]) { Environment = own };
        return (await RunAsync(commit, cancellationToken)).Text.Trim();
    }

    private async Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(call, cancellationToken);
        return result.ExitCode == 0 ? result : throw new VcsException(GitFailures.Judge(result));
    }
}
