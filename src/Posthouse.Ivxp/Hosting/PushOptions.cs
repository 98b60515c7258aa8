namespace Posthouse.Ivxp.Hosting;

/// <summary>How results are pushed to the client's endpoint.</summary>
public sealed record PushOptions
{
    private const int MaxPort = 65_535;

    /// <summary>The wait before each push, counted from the end of the push before, ±20 %. Default at once, then 1, 5, 15, 60, 120 minutes.</summary>
    public IReadOnlyList<TimeSpan> Delays { get; init; } =
        [TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(2)];

    /// <summary>The wait between all further pushes, until the result's retention is over. Default a day.</summary>
    public TimeSpan Tail { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Time for one push. Default 30 s, as the sources say.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether pushes may go to addresses that are not public. Default false: an endpoint is a stranger's wish, and may name your own machines.</summary>
    public bool AllowPrivateEndpoints { get; init; }

    /// <summary>Whether pushes go to https alone. Default false: known clients listen on http.</summary>
    public bool HttpsOnly { get; init; }

    /// <summary>The ports that pushes may go to; empty for all. Default empty, because clients listen where they like.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>
    /// Pushes that run towards one host and port at the same time. Default 4: a host that never answers holds four of a server's
    /// ten workers for <see cref="Timeout"/>, and not all of them.
    /// </summary>
    public int PerHostConcurrency { get; init; } = 4;

    /// <summary>Pushes towards one host and port within a minute. Default 6,000: more than honest clients ask for, and what a small server that did not ask still bears.</summary>
    public int PerHostPerMinute { get; init; } = 6_000;

    /// <summary>Pushes for the orders of one client's wallet within an hour, over all hosts. Default 20,000, for the same reason.</summary>
    public int PerClientPerHour { get; init; } = 20_000;

    internal void Check()
    {
        if (Delays.Count == 0 || Delays.Any(delay => delay < TimeSpan.Zero))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "Push delays are a list of at least one time span, none of them negative.");
        if (Ports.Any(port => port is < 1 or > MaxPort))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "Push ports are numbers from 1 to 65535.");
        if (PerHostConcurrency < 1 || PerHostPerMinute < 1 || PerClientPerHour < 1)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "The limits of pushes per host and per client are 1 or more.");
    }
}
