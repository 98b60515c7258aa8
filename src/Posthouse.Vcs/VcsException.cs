namespace Posthouse.Vcs;

/// <summary>An exchange with a remote, or a program that was needed for it, failed.</summary>
public sealed class VcsException : PosthouseException
{
    /// <summary>A failure that was judged already.</summary>
    public VcsException(RemoteFailure failure, Exception? inner = null)
        : base((failure ?? throw new ArgumentNullException(nameof(failure))).Code, failure.Hint is null ? failure.Message : failure.Message + "\n" + failure.Hint, inner) => Failure = failure;

    /// <summary>What happened.</summary>
    public RemoteFailure Failure { get; }
}
