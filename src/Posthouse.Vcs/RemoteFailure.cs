namespace Posthouse.Vcs;

/// <summary>A failure of an exchange with a remote, judged once, where it happened.</summary>
/// <param name="Category">Its kind.</param>
/// <param name="Message">One or two lines for people, with addresses freed of user names and passwords.</param>
public sealed record RemoteFailure(FailureCategory Category, string Message)
{
    /// <summary>What the person may do about it, or null.</summary>
    public string? Hint { get; init; }

    /// <summary>How long the far side asked to be left alone, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The HTTP status, where one was seen.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Whether the same request may succeed by itself later.</summary>
    public bool IsTransient => Category is FailureCategory.Network or FailureCategory.Server or FailureCategory.RateLimit or FailureCategory.Contention;

    /// <summary>Whether an operation that ended so may wait in the queue.</summary>
    public bool MayWait => IsTransient || Category is FailureCategory.Ambiguous;

    /// <summary>The code for programs; one of <see cref="VcsErrors"/>. The category's own, unless a finer one was given.</summary>
    public string Code
    {
        get => field ?? CodeOf(Category);
        init;
    }

    private static string CodeOf(FailureCategory category) => category switch
    {
        FailureCategory.Network => VcsErrors.NetworkUnavailable,
        FailureCategory.Server => VcsErrors.ServerUnavailable,
        FailureCategory.RateLimit => VcsErrors.RateLimited,
        FailureCategory.Contention => VcsErrors.RemoteBusy,
        FailureCategory.Ambiguous => VcsErrors.OutcomeUnknown,
        FailureCategory.LockConflict => VcsErrors.LockConflict,
        FailureCategory.Diverged => VcsErrors.Diverged,
        FailureCategory.Auth => VcsErrors.AuthenticationFailed,
        FailureCategory.Forbidden => VcsErrors.Forbidden,
        FailureCategory.NotFound => VcsErrors.RepositoryNotFound,
        FailureCategory.Tls => VcsErrors.CertificateRejected,
        FailureCategory.ClientBug => VcsErrors.RequestRejected,
        FailureCategory.Local => VcsErrors.LocalFailure,
        FailureCategory.Cancelled => VcsErrors.Cancelled,
        _ => VcsErrors.UnknownFailure,
    };
}
