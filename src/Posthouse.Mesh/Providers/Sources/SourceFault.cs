namespace Posthouse.Mesh.Providers.Sources;

/// <summary>How a call to a source failed. Names of metrics: append-only.</summary>
public enum SourceFaultKind
{
    /// <summary>There was no connection: no such name, nobody listening, no trust.</summary>
    NotReached,

    /// <summary>No whole answer came in time.</summary>
    TimedOut,

    /// <summary>The answer broke off.</summary>
    BrokeOff,

    /// <summary>Too many calls at once: wait as told, or a minute.</summary>
    Throttled,

    /// <summary>The day's quota is spent.</summary>
    DaySpent,

    /// <summary>The month's quota is spent.</summary>
    MonthSpent,

    /// <summary>The key is wrong, missing, disabled or not paid for: no wait helps.</summary>
    KeyRefused,

    /// <summary>The source refused this one request.</summary>
    Refused,

    /// <summary>The source has a failure of its own.</summary>
    ServerFailed,

    /// <summary>The answer is longer than allowed.</summary>
    TooLarge,

    /// <summary>The answer is no JSON, or nested too deeply.</summary>
    NotJson,

    /// <summary>The answer is JSON, but prices do not stand where the profile says.</summary>
    WrongShape,

    /// <summary>The connection stood, but said nothing for too long.</summary>
    Silent,

    /// <summary>The far side closed the connection.</summary>
    Closed,
}

/// <summary>A failure of a whole call.</summary>
/// <param name="Kind">How it failed.</param>
/// <param name="Detail">A sentence for people; it never holds a key.</param>
public sealed record SourceFault(SourceFaultKind Kind, string Detail)
{
    /// <summary>How long the source asked to be left alone; null: it did not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The HTTP status, where there was one.</summary>
    public int? Status { get; init; }

    /// <summary>The vendor's own code, where it sent one; at most 32 characters.</summary>
    public string? VendorCode { get; init; }

    /// <summary>Whether another try with the same key is pointless until somebody acts or the vendor's month ends.</summary>
    public bool IsFinal => Kind is SourceFaultKind.KeyRefused or SourceFaultKind.MonthSpent;

    /// <summary>Whether the calls that a fetch has left would fail alike.</summary>
    internal bool EndsFetch => Kind is not (SourceFaultKind.Refused or SourceFaultKind.TooLarge or SourceFaultKind.NotJson or SourceFaultKind.WrongShape);
}
