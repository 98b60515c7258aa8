using System.Text.Json;
using System.Text.Json.Serialization;
using Posthouse.Storage;
using Posthouse.Vcs.Locks;

namespace Posthouse.Vcs.Heartbeat;

/// <summary>
/// Where the heartbeat and the commands meet: one file for each lock that is to be kept, which commands write and remove, and one with
/// the state, which the heartbeat alone writes. So nobody ever writes what another writes.
/// </summary>
/// <param name="path">The folder, of this user.</param>
internal sealed class HeartbeatFolder(string path)
{
    private const string Suffix = ".kept.json";
    private const string StateName = "state.json";
    private const string LockName = "instance.lock";

    /// <summary>Asks that a lock be kept, in place of an earlier tenure of the same resource.</summary>
    public void Keep(KeptLock kept)
    {
        Durable.CreatePrivateDirectory(path);
        Durable.WriteAllBytesAtomically(FileOf(kept), JsonSerializer.SerializeToUtf8Bytes(kept, HeartbeatJson.Default.KeptLock));
    }

    /// <summary>Asks that a lock be kept no longer; nothing happens when it is not, or when another tenure is.</summary>
    public void Drop(KeptLock kept)
    {
        if (Read(FileOf(kept), HeartbeatJson.Default.KeptLock) is { } there && there.LockId == kept.LockId)
            File.Delete(FileOf(kept));
    }

    /// <summary>The locks that are to be kept.</summary>
    public IReadOnlyList<KeptLock> Kept() => !Directory.Exists(path)
        ? []
        : [.. Directory.GetFiles(path, "*" + Suffix).Order(StringComparer.Ordinal).Select(file => Read(file, HeartbeatJson.Default.KeptLock)).OfType<KeptLock>()];

    /// <summary>What the heartbeat wrote last; null when none ever ran.</summary>
    public HeartbeatStatus? Status() => Read(Path.Combine(path, StateName), HeartbeatJson.Default.HeartbeatStatus);

    /// <summary>Writes the state; the heartbeat's alone.</summary>
    public void Save(HeartbeatStatus status) =>
        Durable.WriteAllBytesAtomically(Path.Combine(path, StateName), JsonSerializer.SerializeToUtf8Bytes(status, HeartbeatJson.Default.HeartbeatStatus));

    /// <summary>Becomes the one heartbeat of this user, until the lock is let go or the process ends; null: another is.</summary>
    public FileLock? TryBegin()
    {
        Durable.CreatePrivateDirectory(path);
        return FileLock.TryTake(Path.Combine(path, LockName));
    }

    /// <summary>Whether a heartbeat runs.</summary>
    public bool IsRunning()
    {
        using var free = TryBegin();
        return free is null;
    }

    private static T? Read<T>(string file, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), type);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // Removed at this moment, or not ours.
        }
    }

    private string FileOf(KeptLock kept) => Path.Combine(path, $"{kept.CloneId}-{ResourceKey.Of(kept.Resource).Hex}{Suffix}");
}

/// <summary>What a heartbeat says of itself.</summary>
/// <param name="Process">The process that it is, or was.</param>
/// <param name="At">When something changed last.</param>
/// <param name="Locks">The locks that it keeps, and those that it kept until lately.</param>
internal sealed record HeartbeatStatus(WatchedProcess? Process, DateTimeOffset At, IReadOnlyList<KeptState> Locks);

/// <summary>The files' form.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeptLock))]
[JsonSerializable(typeof(HeartbeatStatus))]
internal sealed partial class HeartbeatJson : JsonSerializerContext;
