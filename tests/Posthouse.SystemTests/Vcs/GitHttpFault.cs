namespace Posthouse.SystemTests.Vcs;

/// <summary>What a server does instead of serving.</summary>
internal abstract record GitHttpFault
{
    private GitHttpFault()
    {
    }

    /// <summary>Answers with a status at once, without reading what was sent.</summary>
    /// <param name="Status">The status.</param>
    /// <param name="RetryAfter">The value of Retry-After, or null.</param>
    internal sealed record Answer(int Status, string? RetryAfter = null) : GitHttpFault;

    /// <summary>Does what was asked, and ends the connection instead of saying so.</summary>
    internal sealed record DropAnswer : GitHttpFault;

    /// <summary>Takes the request and says nothing until the client goes.</summary>
    internal sealed record Stall : GitHttpFault;

    /// <summary>Ends the connection before it reads the body.</summary>
    internal sealed record Reset : GitHttpFault;
}
