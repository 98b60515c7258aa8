namespace Posthouse.Vcs.Git;

/// <summary>How Git is run.</summary>
internal sealed record GitOptions
{
    /// <summary>The program.</summary>
    public string Program { get; init; } = "git";

    /// <summary>A transfer over HTTP slower than this, in bytes a second, has stalled. Default 1,000: less than a voice call needs.</summary>
    public int StallBytesPerSecond { get; init; } = 1_000;

    /// <summary>A transfer that says nothing for so long, neither how far it is nor what the far side does, is ended. Default 15 min: a
    /// hook of either side that tests what is pushed may take so long; a question that nobody hears takes for ever.</summary>
    public TimeSpan SilenceTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>A transfer that stalls for so long is ended. Default 30 s: a change of cell or access point takes less.</summary>
    public TimeSpan StallTime { get; init; } = TimeSpan.FromSeconds(30);
}
