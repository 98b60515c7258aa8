namespace Posthouse.Ivxp.Hosting;

/// <summary>How much one client, told by its address on the net, may ask for.</summary>
public sealed record LimitOptions
{
    /// <summary>
    /// Requests a minute. Default 600: the most eager client known polls twenty times in eight minutes, so that thirty of them
    /// behind one address are far below, and a flood is far above.
    /// </summary>
    public int RequestsPerMinute { get; init; } = 600;

    /// <summary>Unknown order ids a minute; then every id is answered 429 for a while. Default 60: no client guesses, and people mistype less.</summary>
    public int UnknownOrdersPerMinute { get; init; } = 60;

    /// <summary>Signatures a minute for directories that ask the provider to prove its wallet. Default 10: a directory asks once.</summary>
    public int ClaimsPerMinute { get; init; } = 10;

    /// <summary>Streams that may be open at the same time, of all clients together. Default 1,000: each holds a connection and some memory.</summary>
    public int OpenStreams { get; init; } = 1000;

    /// <summary>Streams that one client may hold open. Default 50; it can always poll.</summary>
    public int OpenStreamsPerClient { get; init; } = 50;

    internal LimitOptions Checked() =>
        new[] { RequestsPerMinute, UnknownOrdersPerMinute, ClaimsPerMinute, OpenStreams, OpenStreamsPerClient }.All(limit => limit > 0)
            ? this
            : throw new PosthouseException(ErrorCodes.OptionsInvalid, "Every limit is above 0; a high number is as good as none.");
}
