using System.Diagnostics.CodeAnalysis;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// The name of a transaction: <c>0x</c> and 64 hexadecimal digits, made lower case before any comparison so that no alias pays twice.
/// </summary>
public static class TransactionHash
{
    /// <summary>Reads <c>^0x[a-fA-F0-9]{64}$</c> and answers it in lower case.</summary>
    public static bool TryNormalize([NotNullWhen(true)] string? text, [NotNullWhen(true)] out string? hash)
    {
        var valid = text is { Length: 66 } && text[0] == '0' && text[1] == 'x' && !text.AsSpan(2).ContainsAnyExcept(Hex.Digits);
        hash = valid ? text!.ToLowerInvariant() : null;
        return valid;
    }
}
