using Posthouse.Jobs;

namespace Posthouse.Ivxp.Notices;

/// <summary>Hands mail to a server. It never tries twice: the queue is the one retry loop.</summary>
internal interface IMailPost
{
    /// <summary>Hands one mail over.</summary>
    /// <returns>Null once the server has taken it; else what went wrong, without the address.</returns>
    Task<Failure?> SendAsync(MailText mail, CancellationToken cancellationToken);
}

/// <summary>Where no mail server is configured, nobody is asked to send; a container needs an answer all the same.</summary>
internal sealed class NoMailPost : IMailPost
{
    public static NoMailPost Instance { get; } = new();

    public Task<Failure?> SendAsync(MailText mail, CancellationToken cancellationToken) =>
        Task.FromResult<Failure?>(new Failure(FailureKind.Permanent, "No mail server is configured."));
}
