using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse order push</c>: a seller's deliveries that did not reach their clients, with or without a server running.</summary>
internal static class OrderPushCommand
{
    public static Command Create(TimeProvider time) => new("push", "Shows, as a seller, deliveries that did not arrive and sends them again")
    {
        OrderPushListCommand.Create(time),
        OrderPushReplayCommand.Create(time),
    };

    /// <summary>Only one client's orders.</summary>
    public static Option<string?> Client() => new("--client") { Description = "Only orders of this client's wallet", HelpName = "ADDRESS" };

    /// <summary>Only orders from a time on.</summary>
    public static Option<string?> Since() => new("--since")
    {
        Description = "Only orders that were ready at this time or later: 2026-02-05, 2026-02-05T10:00:00Z, or how long ago, such as 12h or 2d",
        HelpName = "TIME",
    };

    /// <summary>The wallet that an option names, or null.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: it is no address.</exception>
    public static EthereumAddress? ParseClient(string? given) => given is null ? null
        : EthereumAddress.TryParse(given, out var client) ? client
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--client {given}: a wallet's address is 0x and 40 hexadecimal digits");

    /// <summary>The instant that an option names, or null.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: it is no time.</exception>
    public static DateTimeOffset? ParseSince(string? given, DateTimeOffset now)
    {
        if (given is null) { return null; }
        if (WireTime.TryParse(given, out var instant)) { return instant; }
        if (DateTimeOffset.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)) { return day; }
        return DurationText.TryParse(given, out var ago)
            ? now - ago
            : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--since {given}: a time such as 2026-02-05T10:00:00Z is taken, a day, or how long ago, such as 12h or 2d");
    }
}
