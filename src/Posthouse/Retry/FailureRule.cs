using System.Net.Sockets;
using Posthouse.Jobs;

namespace Posthouse.Retry;

/// <summary>One row of <see cref="FailureTable"/>: what was seen, and which kind of failure that is.</summary>
public abstract record FailureRule
{
    private protected FailureRule(FailureKind kind) => Kind = kind;

    /// <summary>What the row says about a failure that it fits.</summary>
    public FailureKind Kind { get; }

    /// <summary>What the row fits, in words made from the row's own data, so that a page which shows them cannot drift.</summary>
    public abstract string Seen { get; }

    /// <summary>Whether such a failure uses up an attempt of a job with <see cref="Backoff"/>; a <see cref="Schedule"/> counts all but a shutdown.</summary>
    public bool Counted => Kind is FailureKind.Transient or FailureKind.Conflict or FailureKind.Permanent;

    internal abstract bool Fits(in FailureSign sign);
}

/// <summary>What is known of a failure before it is classified: an exception, or an HTTP status with or without Retry-After.</summary>
internal readonly record struct FailureSign(Exception? Exception, int? Status, bool HasRetryAfter);

/// <summary>Statuses of an HTTP answer.</summary>
internal sealed record StatusRule(FailureKind Kind, bool NeedsRetryAfter, params (int From, int To)[] Statuses) : FailureRule(Kind)
{
    public override string Seen =>
        $"HTTP {string.Join(", ", Statuses.Select(s => s.From == s.To ? $"{s.From}" : $"{s.From}–{s.To}"))}{(NeedsRetryAfter ? " with Retry-After" : "")}";

    internal override bool Fits(in FailureSign sign)
    {
        var status = sign.Status;
        return (sign.HasRetryAfter || !NeedsRetryAfter) && Statuses.Any(s => status >= s.From && status <= s.To);
    }
}

/// <summary>An exception of a type, itself or (where asked) as a cause of another.</summary>
internal sealed record TypeRule(FailureKind Kind, Type Type, bool AlsoAsCause = false) : FailureRule(Kind)
{
    public override string Seen => AlsoAsCause ? $"{Type.Name}, also as a cause" : Type.Name;

    internal override bool Fits(in FailureSign sign)
    {
        var exception = sign.Exception;
        while (AlsoAsCause && exception is not null && !Type.IsInstanceOfType(exception))
        {
            exception = exception.InnerException;
        }

        return Type.IsInstanceOfType(exception);
    }
}

/// <summary>An <see cref="HttpRequestException"/> by its structured error.</summary>
internal sealed record HttpErrorRule(FailureKind Kind, params HttpRequestError[] Errors) : FailureRule(Kind)
{
    public override string Seen => $"{nameof(HttpRequestException)}: {string.Join(", ", Errors)}";

    internal override bool Fits(in FailureSign sign) =>
        sign.Exception is HttpRequestException http && Errors.Contains(http.HttpRequestError);
}

/// <summary>A <see cref="SocketException"/> by its code; one inside an I/O exception is not meant, for that one had a connection.</summary>
internal sealed record SocketErrorRule(FailureKind Kind, params SocketError[] Errors) : FailureRule(Kind)
{
    public override string Seen => $"{nameof(SocketException)}: {string.Join(", ", Errors)}";

    internal override bool Fits(in FailureSign sign) =>
        sign.Exception is SocketException socket && Errors.Contains(socket.SocketErrorCode);
}

/// <summary>A <see cref="PosthouseException"/> that says the same call may succeed later.</summary>
internal sealed record TransientCodeRule(FailureKind Kind) : FailureRule(Kind)
{
    public override string Seen => $"{nameof(PosthouseException)} that {nameof(PosthouseException.IsTransient)}";

    internal override bool Fits(in FailureSign sign) => sign.Exception is PosthouseException { IsTransient: true };
}

/// <summary>The last row.</summary>
internal sealed record AnythingElseRule(FailureKind Kind) : FailureRule(Kind)
{
    public override string Seen => "anything else";

    internal override bool Fits(in FailureSign sign) => true;
}
