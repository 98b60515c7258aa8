using System.Globalization;

namespace Posthouse.Cli.Hosting;

/// <summary>Reads one value in its form. What it refuses is said by <see cref="Expected"/>.</summary>
internal static class ConfigurationValue
{
    public static readonly string[] Networks = ["base-mainnet", "base-sepolia"];

    public static bool IsValid(ValueForm form, string value) => form switch
    {
        ValueForm.Switch => bool.TryParse(value, out _),
        ValueForm.Count => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1,
        ValueForm.Amount => decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount > 0,
        ValueForm.Duration => TryDuration(value, out _),
        ValueForm.Url => IsUrl(value),
        ValueForm.Urls => value.Split(';').All(IsUrl),
        ValueForm.Network => Networks.Contains(value, StringComparer.Ordinal),
        _ => value.Length > 0,
    };

    public static string Expected(ValueForm form) => form switch
    {
        ValueForm.Switch => "true or false",
        ValueForm.Count => "a whole number from 1",
        ValueForm.Amount => "a number above 0 such as 0.50",
        ValueForm.Duration => "a time span such as 00:00:30, 90s, 1h30m or 7d",
        ValueForm.Url => "an http or https address",
        ValueForm.Urls => "http or https addresses with semicolons between them",
        ValueForm.Network => string.Join(" or ", Networks),
        _ => "some text",
    };

    /// <summary>
    /// A time span, or a duration as on the command line. A bare number would be days to the runtime and seconds to most people, so it is refused.
    /// </summary>
    public static bool TryDuration(string value, out TimeSpan duration) => value.Contains(':', StringComparison.Ordinal)
        ? TimeSpan.TryParseExact(value, "c", CultureInfo.InvariantCulture, out duration) && duration >= TimeSpan.Zero
        : DurationText.TryParse(value, out duration);

    private static bool IsUrl(string value) =>
        Uri.TryCreate(value.Replace("//*", "//any", StringComparison.Ordinal).Replace("//+", "//any", StringComparison.Ordinal), UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
