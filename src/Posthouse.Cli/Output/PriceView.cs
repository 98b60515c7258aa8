using System.Globalization;
using Posthouse.Mesh.Network;
using Posthouse.Mesh.Prices;

namespace Posthouse.Cli.Output;

/// <summary>Prices for people: a table with what is known of each, and a line on the mesh where something is wrong with it.</summary>
internal static class PriceView
{
    /// <summary>Bars of an asset's last hour.</summary>
    private const int Width = 20;

    /// <summary>Writes the table.</summary>
    public static void Write(TextWriter output, Terminal terminal, IReadOnlyDictionary<string, ServedPrice> prices, IReadOnlyDictionary<string, decimal[]> histories, NetworkStatus status)
    {
        if (status.Notice is { } notice) { output.WriteLine($"{terminal.WarningMark} {notice}"); }
        if (prices.Count == 0) { return; }

        var table = new TextTable("Asset", "Price", "24 h", "Age", "Freshness", "", "Last hour").AlignRight(1, 2, 3);
        foreach (var (asset, price) in prices.OrderBy(price => price.Key, StringComparer.Ordinal))
        {
            table.Add(asset, Money(price.Price), Change(price.Change24h), Age(price.AgeSeconds), price.Freshness.ToString(), Mark(price),
                Sparkline.Of(histories.TryGetValue(asset, out var past) ? past : [], Width, terminal.Unicode));
        }

        table.Write(output, terminal.Unicode);
    }

    /// <summary>What people have to know of a price beside its age.</summary>
    public static string Mark(ServedPrice price) =>
        price.Quarantined ? "jump unconfirmed" : price.Inconsistent ? "sources differ" : price.Live ? "live" : "cached";

    /// <summary>A price with its digits in threes.</summary>
    public static string Money(decimal price) => price >= 1_000 ? price.ToString("#,##0.00", CultureInfo.InvariantCulture) : price.ToString(CultureInfo.InvariantCulture);

    /// <summary>An age, short.</summary>
    public static string Age(long seconds) => seconds switch
    {
        < 60 => $"{seconds}s",
        < 3_600 => $"{seconds / 60}m",
        < 86_400 => $"{seconds / 3_600}h {seconds % 3_600 / 60}m",
        _ => $"{seconds / 86_400}d",
    };

    private static string Change(decimal? percent) => percent is { } change ? change.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) + " %" : "";
}
