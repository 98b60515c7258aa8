namespace Posthouse.Vcs.Git;

/// <summary>One run of Git as plain data.</summary>
/// <param name="Folder">Where it runs.</param>
/// <param name="Arguments">The words after <c>git</c>.</param>
internal sealed record GitCall(string Folder, params IReadOnlyList<string> Arguments)
{
    /// <summary>What it reads on standard input.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>The longest it may take; null: as long as it makes progress: where it talks, <see cref="GitOptions.SilenceTime"/> and the
    /// stall limits end it, so it has to be one that tells its progress.</summary>
    public TimeSpan? Timeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Most bytes of standard output that are kept; more is a local failure.</summary>
    public int MaxOutputBytes { get; init; } = 64 << 20;

    /// <summary>Variables besides those that every run gets; null removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Whether the run talks to the remote, so that its answer's Date and Retry-After are of interest.</summary>
    public bool Talks { get; init; }

    /// <summary>Hears each line or progress line of standard error as it comes, on a thread of the pool.</summary>
    public Action<string>? OnProgress { get; init; }
}

/// <summary>How a run of Git ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error, its last 64 KiB.</param>
internal sealed record GitResult(int ExitCode, byte[] Output, string Errors)
{
    /// <summary>Standard output as text.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(Output);

    /// <summary>Whether it was ended because its time was over: what it asked for may have been done.</summary>
    public bool TimedOut { get; init; }

    /// <summary>Whether the remote is a folder that was there before and is not there now.</summary>
    public bool IsFolderAway { get; init; }

    /// <summary>The far side's time, where it speaks HTTP.</summary>
    public DateTimeOffset? ServerTime { get; init; }

    /// <summary>How long the far side asked to be left alone, in its last answer.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The HTTP status of the last answer, where that was no success. An earlier one says nothing: a 401 is how signing in begins.</summary>
    public int? StatusCode { get; init; }
}
