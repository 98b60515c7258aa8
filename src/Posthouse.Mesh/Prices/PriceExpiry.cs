using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Prices;

/// <summary>What becomes of a price that grows old.</summary>
public enum ExpiryKind
{
    /// <summary>It is kept and served for ever, with its age.</summary>
    Keep,

    /// <summary>It is dropped when it is older than the rule's age.</summary>
    Retention,

    /// <summary>It is hidden from reads when it is older than the rule's age, and stays stored.</summary>
    MaxAge,
}

/// <summary>How long the prices of some assets are kept.</summary>
/// <param name="Assets">The assets it is for.</param>
/// <param name="Kind">What happens.</param>
/// <param name="Age">At which age, by the source's time; without meaning for <see cref="ExpiryKind.Keep"/>.</param>
public sealed record ExpiryRule(AssetPattern Assets, ExpiryKind Kind, TimeSpan Age)
{
    /// <summary>The longest age that is told apart from for ever, so that no date overflows: a century.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(36_525);

    /// <summary>The age that counts.</summary>
    internal TimeSpan BoundedAge => Age < _longest ? Age : _longest;

    /// <summary>Prices observed before this are dropped; null: none are.</summary>
    internal DateTimeOffset? DropsBefore(DateTimeOffset now) => Kind == ExpiryKind.Retention ? now - BoundedAge : null;
}

/// <summary>The rules of expiry; the first that names an asset is its own, and what none names is kept for ever.</summary>
public sealed record PriceExpiry
{
    /// <summary>The age of the kind <see cref="ExpiryKind.Retention"/> where a rule gives none: a week, as the shared tier keeps prices.</summary>
    public static readonly TimeSpan DefaultRetention = TimeSpan.FromDays(7);

    private static readonly ExpiryRule _keep = new(new("*"), ExpiryKind.Keep, TimeSpan.MaxValue);

    /// <summary>The rules in the order in which they are asked. Default none: every last price is kept, whatever its age.</summary>
    public IReadOnlyList<ExpiryRule> Rules { get; init; } = [];

    /// <summary>The rule of one asset.</summary>
    public ExpiryRule Of(AssetKey key)
    {
        foreach (var rule in Rules)
        {
            if (rule.Assets.Matches(key))
            {
                return rule;
            }
        }

        return _keep;
    }
}
