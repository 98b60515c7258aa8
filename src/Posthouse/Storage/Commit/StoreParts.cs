using Posthouse.Diagnostics;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Storage.Jobs;

namespace Posthouse.Storage.Commit;

/// <summary>What a database brings to a session.</summary>
internal sealed record StoreParts
{
    /// <summary>The writing connection. It is the session's from now on.</summary>
    public required ICommitDatabase Database { get; init; }

    /// <summary>The name under which this session's groups are marked.</summary>
    public required string Writer { get; init; }

    /// <summary>Opens the reading connection.</summary>
    public required Func<IReadSnapshot> OpenSnapshot { get; init; }

    /// <summary>How dispatching processes know of each other that they live.</summary>
    public required IPresence Presence { get; init; }

    /// <summary>Hangs the bell, which calls its argument when another process has committed; answers null where there is none.</summary>
    public required Func<Action, IBell?> Hang { get; init; }

    /// <summary>Makes rows of jobs.</summary>
    public required IJobDrafts Drafts { get; init; }

    /// <summary>What the queue takes at most.</summary>
    public required QueueLimits Limits { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The source of ids.</summary>
    public required IIds Ids { get; init; }

    /// <summary>Does many rows' work at once; null: row by row.</summary>
    public IBulk? Bulk { get; init; }

    /// <summary>Who is told of slow groups and of commits; null: nobody.</summary>
    public StoreWatch? Watch { get; init; }
}

/// <summary>Wakes the other processes of a database. It only shortens their wait: a ring that does not arrive is no error.</summary>
internal interface IBell : IDisposable
{
    /// <summary>Something was committed. Does not wait.</summary>
    void Ring();
}
