using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// The one text that a provider signs at the wish of a stranger. Its form can be read as no other signed text, so that the wish
/// cannot bring forth a receipt, a delivery or a payment.
/// </summary>
public static partial class WalletClaim
{
    /// <summary>Whether <paramref name="text"/> is <c>ivxp-claim:</c> and a UUID, and nothing more.</summary>
    public static bool IsValid([NotNullWhen(true)] string? text) => text is not null && Form().IsMatch(text);

    [GeneratedRegex(@"^ivxp-claim:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
