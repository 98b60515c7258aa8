using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Posthouse.Jobs;

/// <summary>
/// Makes the text of a lane, key or destination from literals and values: <c>KeyText.Of($"chat/{job.Conversation}")</c>.
/// Values are percent-encoded (RFC 3986 §2.1, UTF-8, upper-case hex; only unreserved characters stay), so that <c>a/b</c> and
/// <c>c</c> never meet <c>a</c> and <c>b/c</c>. Numbers are invariant and enums are written as numbers, because a renamed
/// member must not split a lane. Other types do not compile: they have no single text.
/// </summary>
[InterpolatedStringHandler]
public readonly struct KeyText
{
    private readonly StringBuilder _text;

    /// <summary>Called by the compiler for an interpolated string.</summary>
    /// <param name="literalLength">Characters of all literals.</param>
    /// <param name="formattedCount">Number of values.</param>
    public KeyText(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (formattedCount * 16));

    /// <summary>The finished text.</summary>
    public static string Of(KeyText text) => text.ToString();

    /// <summary>Appends a literal as it stands.</summary>
    public void AppendLiteral(string text) => _text.Append(text);

    /// <summary>Appends a text, percent-encoded.</summary>
    /// <exception cref="PosthouseException">JOB_INVALID: the text is null, or half of a surrogate pair.</exception>
    public void AppendFormatted(string? text)
    {
        if (text is null)
        {
            throw new PosthouseException(ErrorCodes.JobInvalid, "A key is made from a text that is null. Give the job's property a value.");
        }

        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '-' or '.' or '_' or '~')
            {
                _text.Append(text[i]);
                continue;
            }

            // Two different broken texts would both become the replacement character, and so one key.
            if (!Rune.TryGetRuneAt(text, i, out var rune))
            {
                throw new PosthouseException(ErrorCodes.JobInvalid, "A key is made from a text with half of a surrogate pair. Correct the text.");
            }

            i += rune.Utf16SequenceLength - 1;
            foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
            {
                _text.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Appends a number in decimal.</summary>
    public void AppendFormatted(long number) => _text.Append(CultureInfo.InvariantCulture, $"{number}");

    /// <summary>Appends a number in decimal.</summary>
    public void AppendFormatted(ulong number) => _text.Append(CultureInfo.InvariantCulture, $"{number}");

    /// <summary>Appends a Guid as 32 lower-case hex digits in groups.</summary>
    public void AppendFormatted(Guid guid) => _text.Append(CultureInfo.InvariantCulture, $"{guid:D}");

    /// <summary>Appends an id, percent-encoded.</summary>
    public void AppendFormatted(JobId id) => AppendFormatted(id.Value);

    /// <summary>Appends an enum as its number.</summary>
    public void AppendFormatted<TEnum>(TEnum value)
        where TEnum : struct, Enum => _text.Append(value.ToString("D"));

    /// <inheritdoc/>
    public override string ToString() => _text?.ToString() ?? "";
}
