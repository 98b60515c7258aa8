using System.Text.RegularExpressions;

namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// What counts as an e-mail address here: exactly one plain address (RFC 5321 without quoting and address literals), so that nothing
/// else can reach a header or a command of the mail protocol. Plain ASCII, for not every server knows more.
/// </summary>
internal static partial class EmailAddress
{
    public static bool IsValid(string text) => text.Length <= IvxpProtocol.Limits.EmailLength && Form().IsMatch(text);

    [GeneratedRegex(
        @"^(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
