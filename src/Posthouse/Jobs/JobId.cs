using System.Globalization;
using System.Text.Json.Serialization;

namespace Posthouse.Jobs;

/// <summary>
/// The name of a job from the caller's first thought of it to the end: it is the idempotency key sent to the far side, the
/// id of the optimistic result, and what every event and verb refers to. Made before the job is written, so that a caller
/// who never heard the answer can repeat the same call safely.
/// </summary>
[JsonConverter(typeof(JobIdJson))]
public readonly record struct JobId
{
    /// <summary>Most characters of an id: it travels in headers, file names and tables.</summary>
    public const int MaxLength = 128;

    private readonly string? _value;

    private JobId(string value) => _value = value;

    /// <summary>The text, for example <c>msg-1703579123456789-5f0c9d1e7ab34c20</c>; empty for the default value.</summary>
    public string Value => _value ?? "";

    /// <summary>A new id of the form <c>{prefix}-{unix microseconds}-{64 random bits in hex}</c>.</summary>
    /// <param name="prefix">Letters, digits, dots and underscores that tell a reader what kind of job it is.</param>
    /// <param name="time">The clock. The time in an id is for people; order comes from the store's sequence.</param>
    /// <param name="ids">The source of randomness.</param>
    /// <exception cref="PosthouseException">JOB_INVALID: the prefix has a character that ids do not take.</exception>
    public static JobId New(string prefix, TimeProvider time, IIds ids)
    {
        ArgumentNullException.ThrowIfNull(time);
        var micros = (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
        return Parse(string.Create(CultureInfo.InvariantCulture, $"{prefix}-{micros}-{ids.NextUInt64():x16}"));
    }

    /// <summary>A new id by the system's clock and randomness; see <see cref="New(string, TimeProvider, IIds)"/>.</summary>
#pragma warning disable RS0030 // For application code outside any engine; engines pass their ports.
    public static JobId New(string prefix) => New(prefix, TimeProvider.System, SystemIds.Instance);
#pragma warning restore RS0030

    /// <summary>Takes a text as an id.</summary>
    /// <exception cref="PosthouseException">JOB_INVALID: empty, longer than <see cref="MaxLength"/>, or other characters than
    /// ASCII letters, digits, <c>-</c>, <c>_</c>, <c>.</c> and <c>:</c>.</exception>
    public static JobId Parse(string text) => TryParse(text, out var id)
        ? id
        : throw new PosthouseException(ErrorCodes.JobInvalid,
            $"\"{text}\" is no job id: 1 to {MaxLength} ASCII letters, digits, '-', '_', '.' or ':' are taken.");

    /// <summary>Takes a text as an id, if it is one; see <see cref="Parse"/>.</summary>
    public static bool TryParse(string? text, out JobId id)
    {
        var good = text is { Length: > 0 and <= MaxLength };
        for (var i = 0; good && i < text!.Length; i++)
        {
            good = char.IsAsciiLetterOrDigit(text[i]) || text[i] is '-' or '_' or '.' or ':';
        }

        id = good ? new JobId(text!) : default;
        return good;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
