using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Hosting;

/// <summary>How a provider sells. Immutable; read once at start.</summary>
public sealed record IvxpOptions
{
    /// <summary>The account that signs deliveries and is paid.</summary>
    public required Wallet Wallet { get; init; }

    /// <summary>Where payments are made.</summary>
    public required UsdcNetwork Network { get; init; }

    /// <summary>The Ethereum node that payments are read from. Asked for each reading, because a development server learns its own
    /// address only when it has started; until then it answers null, which counts as a node that is away.</summary>
    public required Func<Uri?> RpcUrl { get; init; }

    /// <summary>What is for sale, each type once.</summary>
    public required IReadOnlyList<ServiceOffer> Services { get; init; }

    /// <summary>The provider's name. Default <c>Posthouse</c>.</summary>
    public string ProviderName { get; init; } = "Posthouse";

    /// <summary>Whether a failed push shows as <c>delivery_failed</c> to readers of version 1.0. Default false: known clients then lose their result.</summary>
    public bool StrictV10 { get; init; }

    /// <summary>How results are pushed.</summary>
    public PushOptions Push { get; init; } = new();

    /// <summary>How sure a payment must be.</summary>
    public PaymentRule PaymentRule { get; init; } = PaymentRule.Default;

    /// <summary>Time for one question to the node. Default 10 s, so that a client of 30 s hears an answer.</summary>
    public TimeSpan RpcTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a result is kept after completion, at least 24 h; time for which the provider does not run is not counted. Default 7 days, as the source recommends.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A folder that contents are moved to when their retention is over: files for this user alone, named by the content's SHA-256. Null: they are removed.</summary>
    public string? ArchiveDirectory { get; init; }

    /// <summary>Quotes that may be open at the same time; more are refused, because every quote is a row on disk. Default 10,000.</summary>
    public int MaxOpenQuotes { get; init; } = 10_000;

    /// <summary>Whether only the order's client may download what a service made. A service that is no longer offered asks for no signature.</summary>
    internal bool IsSigned(string type) => Offer(type) is { SignedDownload: true };

    /// <summary>The offer of a type, or null.</summary>
    internal ServiceOffer? Offer(string type) => Services.FirstOrDefault(offer => offer.Type == type);

    internal IvxpOptions Checked()
    {
        foreach (var offer in Services)
            offer.Checked();
        if (Services.Select(offer => offer.Type).Distinct().Count() != Services.Count)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "Two services have the same type. Give each a name of its own.");
        if (Retention < TimeSpan.FromHours(24))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "Results are kept for at least 24 hours: set Retention to 1.00:00:00 or more.");
        if (Push.Delays.Count == 0 || Push.Delays.Any(delay => delay < TimeSpan.Zero))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "Push delays are a list of at least one time span, none of them negative.");
        return this;
    }
}

/// <summary>How results are pushed to the client's endpoint.</summary>
public sealed record PushOptions
{
    /// <summary>The wait before each push, counted from the end of the push before, ±20 %. Default at once, then 1, 5, 15, 60, 120 minutes.</summary>
    public IReadOnlyList<TimeSpan> Delays { get; init; } =
        [TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(2)];

    /// <summary>The wait between all further pushes, until the result's retention is over. Default a day.</summary>
    public TimeSpan Tail { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Time for one push. Default 30 s, as the sources say.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether pushes may go to addresses that are not public. Default false: an endpoint is a stranger's wish, and may name your own machines.</summary>
    public bool AllowPrivateEndpoints { get; init; }
}
