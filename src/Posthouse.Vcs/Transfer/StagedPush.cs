using System.Text;
using Posthouse.Jobs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>
/// Brings a large push's files to the remote in batches, before the branch is pushed, so that a cut costs one batch and not
/// everything. A batch is a tree of blobs under a ref of its own: Git's negotiation honours trees that the far side has (it would
/// ignore commits that are no ancestors), so the push of the branch then sends commits and folders alone.
/// </summary>
/// <remarks>
/// The granularity is a file: Git takes no part of one. Batches carry no differences to older versions, which a plain push may;
/// audio, video and archives rarely have useful ones.
/// </remarks>
internal sealed class StagedPush(IGit git, Project project, RemoteRefs refs, TimeProvider time, IIds ids)
{
    private readonly MissingBlobs _blobs = new(git, project);

    /// <summary>Sends what is missing. Returns how far it came: everything; null where the push is too small to be staged, or where
    /// the remote takes no batches, so that a plain push is all that can be done.</summary>
    /// <exception cref="VcsException">A batch was not acknowledged. What was acknowledged before stays.</exception>
    public async Task<TransferProgress?> RunAsync(PushRequest request, CancellationToken cancellationToken)
    {
        var known = await refs.ListAsync(["refs/heads/*", "refs/tags/*", StageNames.PatternOf(project.CloneId)], cancellationToken);
        if (known.GetValueOrDefault(request.Ref) is { } theirs && await IsApartAsync(theirs, request, cancellationToken))
            throw new VcsException(PushJudgement.Apart());
        // What another branch's push has staged need not be sent again, but is not this one's.
        var others = PushSession.OfOthers(project, request.Branch);
        var staged = StageNames.Among(known).Where(batch => batch.CloneId == project.CloneId && !others.Contains(batch.Session)).ToList();
        var missing = await _blobs.ListAsync(request.Commit, known.Values, cancellationToken);
        var total = staged.Count == 0 ? missing : await _blobs.ListAsync(request.Commit, known.Values.Except(staged.Select(batch => batch.Tree)), cancellationToken);
        var totalBytes = total.Sum(blob => blob.Bytes);
        if (totalBytes <= request.StagedThresholdBytes && staged.Count == 0)
            return null;

        var session = Continued(request, staged, totalBytes, totalBytes - missing.Sum(blob => blob.Bytes));
        var number = staged.Where(batch => batch.Session == session.Session).Select(batch => batch.Number).DefaultIfEmpty().Max();
        Keep(request, session);
        foreach (var batch in MissingBlobs.Batches(missing, request.BatchBytes))
        {
            if (!await SendAsync(session.Session, ++number, batch, cancellationToken))
                return null;
            session = session with
            {
                TransferredBytes = session.TransferredBytes + batch.Sum(blob => blob.Bytes),
                Checkpoint = $"{session.Session}/{number}",
                UpdatedAt = time.GetUtcNow(),
            };
            Keep(request, session);
        }

        return session.Progress;
    }

    /// <summary>Whether the remote would refuse the branch after all has been sent: it has commits that this one does not follow.</summary>
    private async Task<bool> IsApartAsync(string theirs, PushRequest request, CancellationToken cancellationToken) => request.ForceWithLease is { } replaced
        ? theirs != replaced && theirs != request.Commit
        : (await git.RunAsync(new GitCall(project.Root, "merge-base", "--is-ancestor", theirs, request.Commit), cancellationToken)).ExitCode != 0;

    private void Keep(PushRequest request, PushSession session)
    {
        session.Save(project);
        request.OnProgress?.Invoke(session.Progress);
    }

    private PushSession Continued(PushRequest request, IReadOnlyList<StagedBatch> staged, long totalBytes, long transferredBytes)
    {
        var now = time.GetUtcNow();
        var last = staged.Where(batch => now - batch.BeganAt < StageCleanup.AbandonedAfter).OrderBy(batch => batch.BeganAt).ThenBy(batch => batch.Number).LastOrDefault();
        return new PushSession
        {
            Session = last?.Session ?? StageNames.NewSession(time, ids),
            Branch = request.Branch,
            Commit = request.Commit,
            TotalBytes = totalBytes,
            TransferredBytes = transferredBytes,
            Checkpoint = last is null ? null : $"{last.Session}/{last.Number}",
            StartedAt = last?.BeganAt ?? now,
            UpdatedAt = now,
        };
    }

    /// <summary>Sends one batch; false where the remote's rules forbid such refs.</summary>
    private async Task<bool> SendAsync(string session, int number, IReadOnlyList<MissingBlob> batch, CancellationToken cancellationToken)
    {
        var (name, tree) = (StageNames.RefOf(project.CloneId, session, number), await MakeTreeAsync(batch, cancellationToken));

        // Without a search for differences: it takes minutes of all cores for files that have none.
        var call = new GitCall(project.Root,
            ["-c", "pack.window=0", "push", "--porcelain", "--progress", .. RemoteRefs.Quietly, "--", project.Remote, $"{tree}:{name}"])
        {
            Talks = true,
            Timeout = null,
        };
        var result = await git.RunAsync(call, cancellationToken);
        var said = PushPorcelain.Parse(result.Text);
        var line = said.FirstOrDefault(one => one.Ref == name);
        if (result.ExitCode == 0 && line is { IsDone: true })
            return true;
        var failure = GitFailures.Judge(result, said);
        if (line is { IsDone: false } && failure.Category == FailureCategory.Forbidden)
            return false;

        // The answer may have been lost after the batch had arrived; if it cannot be looked up, the next run will see it.
        return await refs.FindAsync(name, cancellationToken) == tree ? true : throw new VcsException(failure);
    }

    private async Task<string> MakeTreeAsync(IReadOnlyList<MissingBlob> batch, CancellationToken cancellationToken)
    {
        var input = new StringBuilder();
        foreach (var blob in batch)
            input.Append("100644 blob ").Append(blob.Id).Append('\t').Append(blob.Id).Append('\n');
        var result = await git.RunAsync(new GitCall(project.Root, "mktree") { Input = Encoding.ASCII.GetBytes(input.ToString()) }, cancellationToken);
        return result.ExitCode == 0 ? result.Text.Trim() : throw new VcsException(GitFailures.Judge(result));
    }
}
