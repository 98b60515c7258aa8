using Posthouse.Diagnostics;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Queue;

namespace Posthouse.Storage.Sqlite;

/// <summary>What a SQLite store is opened with.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The database's file. Its folder is created, private to this user, when it is missing.</summary>
    public required string Path { get; init; }

    /// <summary>What the queue takes at most.</summary>
    public QueueLimits Limits { get; init; } = new();

    /// <summary>Tables of the rooms beside the core's own.</summary>
    public IReadOnlyList<SchemaPart> Parts { get; init; } = [];


    /// <summary>Where files of jobs lie; null: a sweep frees references only.</summary>
    public IFileCustody? Files { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The source of ids.</summary>
    public required IIds Ids { get; init; }

    /// <summary>Who is told of openings, slow groups and commits; null: nobody.</summary>
    internal StoreWatch? Watch { get; init; }
}
