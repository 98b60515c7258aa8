namespace Posthouse.Vcs.Git;

/// <summary>Runs the machine's Git. The port through which everything of this room reaches it.</summary>
internal interface IGit
{
    /// <summary>Runs it once, to its end or its time limit; its children end with it.</summary>
    /// <exception cref="VcsException">GIT_MISSING: it cannot be started; LOCAL_FAILURE: more output than allowed.</exception>
    /// <exception cref="OperationCanceledException">The caller ended it; what it asked for may have been done.</exception>
    Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken);
}
