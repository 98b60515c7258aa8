using System.Globalization;
using System.Text;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// Records as commits of the clone's object store: an empty tree, a subject line for people, the record as JSON, and the record
/// before as parent, so that <c>git log</c> of a register is its history. No ref of the clone points at them, and neither work tree
/// nor index is touched.
/// </summary>
internal sealed class RecordCommits(IGit git, Project project)
{
    /// <summary>A record, its subject with the longest path, and the headers of its commit.</summary>
    private const int MaxCommitBytes = LockProtocol.MaxRecordBytes + (16 << 10);

    private static readonly Dictionary<string, string?> _noFetch = new() { ["GIT_NO_LAZY_FETCH"] = "1" };

    private string? _emptyTree;

    /// <summary>Writes a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="parent">The record before, which is here; null where it was the first.</param>
    /// <param name="mayCompact">Whether one of them now and then may go without its parent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The commit's name.</returns>
    /// <exception cref="VcsException">Git could not write it.</exception>
    public async Task<string> WriteAsync(LockRecord record, string? parent, bool mayCompact, CancellationToken cancellationToken)
    {
        var tree = _emptyTree ??= await EmptyTreeAsync(cancellationToken);
        List<string> words = ["-c", "i18n.commitEncoding=UTF-8", "commit-tree", "--no-gpg-sign", "-F", "-"];
        if (parent is not null && !(mayCompact && record.Seq % LockProtocol.CompactEvery == 0))
            words.AddRange(["-p", parent]);
        words.Add(tree);
        var message = (byte[])[.. Encoding.UTF8.GetBytes(LockProtocol.SubjectOf(record) + "\n\n"), .. LockRecordJson.Write(record), (byte)'\n'];
        var call = new GitCall(project.Root, words) { Input = message, Environment = IdentityOf(record) };
        return (await RunAsync(call, cancellationToken)).Text.Trim();
    }

    /// <summary>Reads what is here of some commits.</summary>
    /// <returns>For each commit that is here its record, or null where it holds none that can be read here.</returns>
    public async Task<IReadOnlyDictionary<string, LockRecord?>> ReadAsync(IEnumerable<string> commits, CancellationToken cancellationToken)
    {
        var names = commits.ToList();
        if (names.Count == 0)
            return new Dictionary<string, LockRecord?>();
        try
        {
            return Parse((await RunAsync(Batch("--batch", names), cancellationToken)).Output);
        }
        catch (VcsException)
        {
            return await ReadSmallAsync(names, cancellationToken);
        }
    }

    /// <summary>Reads those that can be records: one that somebody made too large to be read must not hide all the others.</summary>
    private async Task<IReadOnlyDictionary<string, LockRecord?>> ReadSmallAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var sizes = (await RunAsync(Batch("--batch-check", names), cancellationToken)).Text.Split('\n').Select(line => line.Split(' '))
            .Where(parts => parts.Length == 3).DistinctBy(parts => parts[0]).ToDictionary(parts => parts[0], parts => long.Parse(parts[2], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        var small = sizes.Where(one => one.Value <= MaxCommitBytes).Select(one => one.Key).ToList();
        var read = small.Count == 0 ? [] : Parse((await RunAsync(Batch("--batch", small), cancellationToken)).Output);
        return sizes.Keys.ToDictionary(name => name, name => read.GetValueOrDefault(name), StringComparer.Ordinal);
    }

    private GitCall Batch(string how, IEnumerable<string> names) =>
        new(project.Root, "cat-file", how) { Input = Encoding.ASCII.GetBytes(string.Concat(names.Select(name => name + "\n"))), Environment = _noFetch };

    /// <summary>Reads <c>name type size</c>, a line break, so many bytes and a line break, again and again; <c>name missing</c> has no bytes.</summary>
    private static Dictionary<string, LockRecord?> Parse(ReadOnlySpan<byte> output)
    {
        var records = new Dictionary<string, LockRecord?>(StringComparer.Ordinal);
        while (output.IndexOf((byte)'\n') is var end and >= 0)
        {
            var parts = Encoding.UTF8.GetString(output[..end]).Split(' ');
            output = output[(end + 1)..];
            if (parts is not [var name, var type, var length])
                continue;
            var size = int.Parse(length, CultureInfo.InvariantCulture);
            records[name] = type == "commit" ? RecordIn(output[..size]) : null;
            output = output[(size + 1)..];
        }

        return records;
    }

    /// <summary>The record in a commit: after its headers and its subject, each of which an empty line ends.</summary>
    private static LockRecord? RecordIn(ReadOnlySpan<byte> commit)
    {
        for (var part = 0; part < 2; part++)
        {
            var end = commit.IndexOf("\n\n"u8);
            if (end < 0)
                return null;
            commit = commit[(end + 2)..];
        }

        return LockRecordJson.TryRead(commit.TrimEnd((byte)'\n'));
    }

    /// <summary>The writer's own identity, for rules of the far side may check it, and the record's time: the same record is the same commit.</summary>
    private static Dictionary<string, string?> IdentityOf(LockRecord record)
    {
        var writer = record.State == LockState.Broken ? record.By ?? record.Owner : record.Owner;
        var name = writer.Name.Any(char.IsLetterOrDigit) ? writer.Name : "posthouse"; // Git takes no name of punctuation alone.
        var date = string.Create(CultureInfo.InvariantCulture, $"@{Math.Max(0, record.RenewedAt.ToUnixTimeSeconds())} +0000"); // Git takes none before 1970.
        return new()
        {
            ["GIT_AUTHOR_NAME"] = name,
            ["GIT_AUTHOR_EMAIL"] = writer.Email,
            ["GIT_AUTHOR_DATE"] = date,
            ["GIT_COMMITTER_NAME"] = name,
            ["GIT_COMMITTER_EMAIL"] = writer.Email,
            ["GIT_COMMITTER_DATE"] = date,
        };
    }

    private async Task<string> EmptyTreeAsync(CancellationToken cancellationToken) =>
        (await RunAsync(new GitCall(project.Root, "mktree"), cancellationToken)).Text.Trim();

    private async Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(call, cancellationToken);
        return result.ExitCode == 0 ? result : throw new VcsException(GitFailures.Judge(result));
    }
}
