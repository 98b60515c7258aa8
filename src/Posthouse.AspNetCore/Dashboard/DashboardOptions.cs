namespace Posthouse.AspNetCore.Dashboard;

/// <summary>Who may look at the dashboard.</summary>
public sealed record DashboardOptions
{
    /// <summary>Fewest characters of a token: with 20 of them nobody guesses it, however often he asks.</summary>
    public const int MinTokenLength = 20;

    /// <summary>What a person has to give once to get in. Default null: nothing, and only this machine is let in.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// Names under which browsers reach the server, beside <c>localhost</c> and plain addresses. A page of any other name is refused, because
    /// a stranger's name can be made to lead here.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>What the cookies' names end with: servers on one machine share a browser's cookies and need different ones.</summary>
    public string CookieName { get; init; } = "posthouse";

    /// <summary>Refuses what would let strangers in.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the token is too short.</exception>
    internal DashboardOptions Checked() => Token is { Length: < MinTokenLength }
        ? throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The dashboard's token has {Token.Length} characters, and needs {MinTokenLength} or more.")
        : this;
}
