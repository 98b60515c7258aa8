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

    /// <summary>Who is told, besides the client's endpoint, when a result waits.</summary>
    public NoticeOptions Notices { get; init; } = new();

    /// <summary>How results are pushed.</summary>
    public PushOptions Push { get; init; } = new();

    /// <summary>How sure a payment must be.</summary>
    public PaymentRule PaymentRule { get; init; } = PaymentRule.Default;

    /// <summary>Time for one question to the node. Default 10 s, so that a client of 30 s hears an answer.</summary>
    public TimeSpan RpcTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a result is kept after completion, at least 24 h. Default 7 days, as the source recommends.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Quotes that may be open at the same time; more are refused, because every quote is a row on disk. Default 10,000.</summary>
    public int MaxOpenQuotes { get; init; } = 10_000;

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
        Push.Check();
        Notices.Check();
        return this;
    }
}
