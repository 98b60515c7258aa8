namespace Posthouse.Redis;

/// <summary>The Redis server that the nodes of a mesh share.</summary>
public sealed record RedisPriceOptions
{
    /// <summary>The shortest deadline: below it the pauses of a busy process would be taken for a server that is gone.</summary>
    public static readonly TimeSpan LeastDeadline = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest deadline: prices are fetched every few seconds, and a write must be over before the next.</summary>
    public static readonly TimeSpan MostDeadline = TimeSpan.FromSeconds(5);

    /// <summary>Host and port, such as <c>127.0.0.1:6379</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The password of the server's default user; null: none.</summary>
    public string? Password { get; init; }

    /// <summary>Whether the connection is encrypted. Default no, for a server on the same machine.</summary>
    public bool Tls { get; init; }

    /// <summary>The database's number. Default 0; keys of different meshes do not meet in one.</summary>
    public int Database { get; init; }

    /// <summary>How long one call may take; a later answer counts as none. Default 100 ms.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a price stays after it was last written. Default seven days: far longer than any outage it shall outlive.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>After how long without an answer the connection is made anew, for one that a frozen server held may never recover. Default 30 s.</summary>
    public TimeSpan RebuildAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: an option is out of its range; the message names it.</exception>
    internal void Demand()
    {
        if (string.IsNullOrWhiteSpace(Endpoint) || Endpoint.Contains(',', StringComparison.Ordinal))
            throw Invalid($"The endpoint '{Endpoint}' is none: write host:port.");
        if (Database < 0)
            throw Invalid($"There is no database {Database}.");
        if (Deadline < LeastDeadline || Deadline > MostDeadline)
            throw Invalid($"A deadline of {Deadline.TotalMilliseconds} ms is outside {LeastDeadline.TotalMilliseconds} to {MostDeadline.TotalMilliseconds} ms.");
        if (Retention <= TimeSpan.Zero || RebuildAfter <= TimeSpan.Zero)
            throw Invalid("Retention and RebuildAfter are above zero.");
    }

    private static PosthouseException Invalid(string reason) => new(ErrorCodes.OptionsInvalid, $"Redis: {reason}");
}
