using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>Takes batches from the remote that no push needs any more.</summary>
internal sealed class StageCleanup(IGit git, Project project, TimeProvider time)
{
    /// <summary>A push that did not come to its end in so many days is given up: its batches only take room on the remote.</summary>
    public static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(7);

    /// <summary>Most refs of one push: with some 80 bytes each they stay far below the longest command line of any system.</summary>
    private const int RefsAtOnce = 100;

    private readonly RemoteRefs _refs = new(git, project);

    /// <summary>The batches of pushes that nobody continued in time, whichever clone sent them.</summary>
    /// <exception cref="VcsException">The remote could not be read.</exception>
    public async Task<IReadOnlyList<StagedBatch>> FindAbandonedAsync(CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - AbandonedAfter;
        var all = StageNames.Among(await _refs.ListAsync([StageNames.AnyPattern], cancellationToken));
        return [.. all.Where(batch => batch.BeganAt < since)];
    }

    /// <summary>Removes batches, each only if it is still the one that was seen.</summary>
    /// <returns>How many are gone.</returns>
    /// <exception cref="VcsException">The remote could not be reached, or allows no removal.</exception>
    public async Task<int> RemoveAsync(IReadOnlyCollection<StagedBatch> batches, CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var some in batches.Chunk(RefsAtOnce))
        {
            var call = new GitCall(project.Root,
                ["push", "--porcelain", .. RemoteRefs.Quietly, .. some.Select(batch => $"--force-with-lease={batch.Ref}:{batch.Tree}"), "--", project.Remote, .. some.Select(batch => ":" + batch.Ref)])
            {
                Talks = true,
            };
            var result = await git.RunAsync(call, cancellationToken);
            var gone = PushPorcelain.Parse(result.Text).Count(line => line is { Flag: '-', IsDone: true });
            if (result.ExitCode != 0 && gone == 0)
                throw new VcsException(GitFailures.Judge(result));
            removed += gone;
        }

        return removed;
    }
}
