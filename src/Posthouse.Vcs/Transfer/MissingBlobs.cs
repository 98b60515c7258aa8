using System.Globalization;
using System.Text;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>A file's content that the far side lacks.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Bytes">What it costs to send: its compressed size, or its whole size where it lies here as a difference to another.</param>
internal readonly record struct MissingBlob(string Id, long Bytes);

/// <summary>Finds out what a push would have to send.</summary>
internal sealed class MissingBlobs(IGit git, Project project)
{
    /// <summary>Most bytes of a list of objects: some three million of them.</summary>
    private const int MaxListBytes = 256 << 20;

    /// <summary>Bytes that a commit would take to the remote, as far as the last fetch or push told what is there.</summary>
    public async Task<long> EstimateAsync(string commit, CancellationToken cancellationToken)
    {
        var call = Long("rev-list", "--objects", "--disk-usage", commit, "--not", $"--remotes={project.Remote}");
        var result = await RunAsync(call, cancellationToken);
        return long.Parse(result.Text.AsSpan().Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>The blobs of a commit's history that none of the given objects has, nor any branch that the remote was seen to have, in
    /// Git's order, which is always the same.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="known">Objects, of any kind, that the far side has; those that are not here tell nothing and are left out.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<MissingBlob>> ListAsync(string commit, IEnumerable<string> known, CancellationToken cancellationToken)
    {
        var here = await HereAsync(known, cancellationToken);
        var input = new StringBuilder(commit).Append('\n');
        foreach (var id in here)
            input.Append('^').Append(id).Append('\n');
        // A branch that moved on is not here as it is now; as it was last seen it is, and the remote has all of that.
        var objects = await RunAsync(Long("rev-list", "--objects", "--no-object-names", "--stdin", "--not", $"--remotes={project.Remote}") with { Input = Bytes(input) }, cancellationToken);
        if (objects.Output.Length == 0)
            return [];
        var sizes = await RunAsync(
            Long("cat-file", "--batch-check=%(objecttype) %(objectname) %(objectsize:disk) %(objectsize) %(deltabase)") with { Input = objects.Output }, cancellationToken);
        var blobs = new List<MissingBlob>();
        foreach (var line in sizes.Text.Split('\n'))
        {
            if (line.Split(' ') is ["blob", var id, var disk, var whole, var basis])
                blobs.Add(new MissingBlob(id, long.Parse(basis.AsSpan().Trim('0').IsEmpty ? disk : whole, CultureInfo.InvariantCulture)));
        }

        return blobs;
    }

    /// <summary>Puts blobs together, in their order, to batches of at most so many bytes. A blob that is larger is a batch of its own.</summary>
    public static IEnumerable<IReadOnlyList<MissingBlob>> Batches(IReadOnlyList<MissingBlob> blobs, long batchBytes)
    {
        var (batch, bytes) = (new List<MissingBlob>(), 0L);
        foreach (var blob in blobs)
        {
            if (batch.Count > 0 && bytes + blob.Bytes > batchBytes)
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }

            batch.Add(blob);
            bytes += blob.Bytes;
        }

        if (batch.Count > 0)
            yield return batch;
    }

    private async Task<IReadOnlyList<string>> HereAsync(IEnumerable<string> known, CancellationToken cancellationToken)
    {
        var input = new StringBuilder();
        foreach (var id in known.Distinct())
            input.Append(id).Append('\n');
        if (input.Length == 0)
            return [];
        var result = await RunAsync(Long("cat-file", "--batch-check=%(objectname)") with { Input = Bytes(input) }, cancellationToken);
        return [.. result.Text.Split('\n').Where(line => line.Length > 0 && !line.EndsWith(" missing", StringComparison.Ordinal))];
    }

    private async Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(call, cancellationToken);
        return result.ExitCode == 0 ? result : throw new VcsException(GitFailures.Judge(result));
    }

    /// <summary>Reads the local store alone, which takes as long as it is large.</summary>
    private GitCall Long(params IReadOnlyList<string> words) => new(project.Root, words) { Timeout = null, MaxOutputBytes = MaxListBytes };

    private static byte[] Bytes(StringBuilder text) => Encoding.ASCII.GetBytes(text.ToString());
}
