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

    /// <summary>The provider's address as clients see it, for links in answers. Null: the host that a request was sent to.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Whether status and download answer in the flat dialect, and its three paths write errors as sentences. Default false: most clients read the other shapes.</summary>
    public bool FlatDialect { get; init; }

    /// <summary>How much one client may ask for.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>Origins of web pages that may call the provider from a browser, such as <c>https://hub.example</c>. Default none.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

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

    /// <summary>Who is told, besides the client's endpoint, when a result waits.</summary>
    public NoticeOptions Notices { get; init; } = new();

    /// <summary>How results are pushed.</summary>
    public PushOptions Push { get; init; } = new();

    /// <summary>How sure a payment must be.</summary>
    public PaymentRule PaymentRule { get; init; } = PaymentRule.Default;

    /// <summary>Where clients who are away are told on the chain; null: nothing is said there.</summary>
    public ContractOptions? Contract { get; init; }

    /// <summary>Time for one question to the node. Default 10 s, so that a client of 30 s hears an answer.</summary>
    public TimeSpan RpcTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a result is kept after completion, at least 24 h; time for which the provider does not run is not counted. Default 7 days, as the source recommends.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A folder that keeps contents instead of the store, on ground that all processes of the store share. It has to be there: one that is not mounted
    /// is an error and never taken for an empty one. Null: the store keeps them. What the store has already stays there.</summary>
    public string? ResultDirectory { get; init; }

    /// <summary>A folder that contents are moved to when their retention is over: files for this user alone, named by the content's SHA-256. Null: they are removed.</summary>
    public string? ArchiveDirectory { get; init; }

    /// <summary>Failed attempts after which paid work ends as <c>delivery_failed</c>, 1 or more. Default 8, about two minutes: a program
    /// that is replaced meanwhile costs no order. The operator may retry the work afterwards.</summary>
    public int WorkAttempts { get; init; } = 8;

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
        if (PaymentRule.Confirmations < 1 || PaymentRule.Grace < TimeSpan.Zero)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "A payment needs at least 1 confirmation and a grace of 0 or more.");
        if (Retention < TimeSpan.FromHours(24))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "Results are kept for at least 24 hours: set Retention to 1.00:00:00 or more.");
        if (WorkAttempts < 1)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "Work is attempted at least once: set WorkAttempts to 1 or more.");
        Limits.Checked();
        Push.Check();
        Notices.Check();
        return this;
    }
}
