using System.Globalization;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Network;

namespace Posthouse.Mesh.Hosting;

/// <summary>Something that people who look at prices should know.</summary>
/// <param name="Severity"><c>info</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Code">One of the codes of mesh messages.</param>
/// <param name="Message">A sentence for people.</param>
internal sealed record MeshWarning(string Severity, string Code, string Message)
{
    /// <summary>The age of the oldest price, with <c>STALE_DATA</c>.</summary>
    public long? AgeSeconds { get; init; }

    /// <summary>The asset, with <c>PRICE_DISCREPANCY</c>.</summary>
    public string? Asset { get; init; }

    /// <summary>How far its sources differ, in percent of the lower.</summary>
    public double? DiscrepancyPercent { get; init; }

    /// <summary>The warning that a fact is worth; null: none.</summary>
    public static MeshWarning? Of(MeshFact fact) => fact switch
    {
        AllProvidersOffline offline => new("warning", "NO_PROVIDERS", offline.HasPrices ? NetworkStatus.NoProvidersText : NetworkStatus.NoPricesText),
        ExtendedOffline long_ => new("error", "EXTENDED_OFFLINE", Minutes("Offline for {0} minutes", long_.Duration)),
        StillOffline still => new("error", "EXTENDED_OFFLINE", Minutes("Offline for {0} minutes", still.Duration)),
        NetworkRecovered recovered => new("info", "NETWORK_RECOVERED", "Live data again after " + InWords(recovered.Duration)),
        DataWentStale stale => new("warning", "STALE_DATA", $"{stale.Assets} price(s) are stale; the oldest is {InWords(stale.Oldest)} old") { AgeSeconds = (long)stale.Oldest.TotalSeconds },
        PriceDiscrepancy found => new("warning", "PRICE_DISCREPANCY", string.Create(CultureInfo.InvariantCulture, $"Providers differ by {found.Pair.Percent:0.##} % about {found.Key}"))
        {
            Asset = found.Key.ToString(),
            DiscrepancyPercent = Math.Round(found.Pair.Percent, 2),
        },
        ProviderDegraded degraded => new("warning", "PROVIDER_DEGRADED", $"Provider {degraded.Provider} is alive but delivers no prices"),
        _ => null,
    };

    /// <summary>A time as people say it: below two minutes in seconds, or a minute and a half would be called one.</summary>
    private static string InWords(TimeSpan time) => time < TimeSpan.FromMinutes(2)
        ? Seconds((long)Math.Round(time.TotalSeconds))
        : Minutes("{0} minutes", time);

    private static string Seconds(long seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds} second{(seconds == 1 ? "" : "s")}");

    private static string Minutes(string text, TimeSpan time) => string.Format(CultureInfo.InvariantCulture, text, (long)time.TotalMinutes);
}
