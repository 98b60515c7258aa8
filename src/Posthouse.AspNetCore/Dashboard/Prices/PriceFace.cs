using System.Globalization;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Mesh.Prices;

namespace Posthouse.AspNetCore.Dashboard.Prices;

/// <summary>How a price is shown.</summary>
internal static class PriceFace
{
    /// <summary>What people have to know of it beside its age.</summary>
    public static Tone Mark(ServedPrice price) => price switch
    {
        { Quarantined: true } => Tone.Warn("jump unconfirmed"),
        { Inconsistent: true } => Tone.Warn("sources differ"),
        { Live: true } => Tone.Good("live"),
        _ => Tone.Calm("cached"),
    };

    /// <summary>The class of its age.</summary>
    public static Tone Freshness(ServedPrice price) => price.Freshness.Kind switch
    {
        FreshnessKind.JustNow => Tone.Good(price.Freshness.ToString()),
        _ when price.IsStale => Tone.Bad(price.Freshness.ToString()),
        FreshnessKind.MinutesAgo => Tone.Calm(price.Freshness.ToString()),
        FreshnessKind.HoursAgo => Tone.Warn(price.Freshness.ToString()),
        _ => Tone.Bad(price.Freshness.ToString()),
    };

    /// <summary>How a provider does.</summary>
    public static Tone Provider(string state) => state switch
    {
        "active" => Tone.Good(state),
        "suspect" or "degraded" or "flapping" => Tone.Warn(state),
        _ => new Tone(state, "×", "calm"),
    };

    public static string Money(decimal price) => price >= 1_000 ? price.ToString("#,##0.00", CultureInfo.InvariantCulture) : price.ToString(CultureInfo.InvariantCulture);

    public static string Change(decimal? percent) => percent is { } change ? change.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture) + " %" : "–";

    /// <summary>A peer's address as people write it: its host and port; the rest is the same for all.</summary>
    public static string Address(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Authority.Length > 0 ? uri.Authority : address.Length > 0 ? address : "–";

    public static string Percent(double? share) => share is { } part ? part.ToString("0 %", CultureInfo.InvariantCulture) : "–";
}
