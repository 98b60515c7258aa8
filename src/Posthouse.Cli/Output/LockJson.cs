using System.Text.Json;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Output;

/// <summary>A lock for programs. Times are UTC in ISO 8601.</summary>
internal static class LockJson
{
    /// <summary>One lock as an object.</summary>
    /// <param name="json">Where it goes.</param>
    /// <param name="face">The lock.</param>
    /// <param name="covered">The path that was asked about, where the lock is one of a folder above it; else null.</param>
    /// <param name="entry">The operation that stays in the queue because of it, or null.</param>
    public static void Write(Utf8JsonWriter json, LockFace face, string? covered = null, string? entry = null)
    {
        json.WriteStartObject();
        json.WriteString("path", covered ?? face.Path);
        if (covered is not null) { json.WriteString("covered_by", face.Path); }
        json.WriteString("state", face.Word);
        json.WriteBoolean("is_mine", face.View.IsMine);
        json.WriteBoolean("is_stale", face.IsStale);
        if (entry is not null) { json.WriteString("entry_id", entry); }
        if (face.ReadAt is { } read) { json.WriteString("read_at", read.UtcDateTime); }
        if (face.Record is { } record) { Members(json, face, record); }
        json.WriteEndObject();
    }

    private static void Members(Utf8JsonWriter json, LockFace face, LockRecord record)
    {
        json.WriteString("lock_id", record.LockId);
        json.WriteNumber("epoch", record.Epoch);
        json.WriteNumber("seq", record.Seq);
        json.WritePropertyName(face.View.IsHeld ? "holder" : "last_holder");
        Owner(json, record.Owner);
        json.WriteString("acquired_at", record.AcquiredAt.UtcDateTime);
        json.WriteString("renewed_at", record.RenewedAt.UtcDateTime);
        json.WriteString("expires_at", record.ExpiresAt.UtcDateTime);
        json.WriteNumber("ttl_s", record.TtlSeconds);
        if (face.View.Remaining is { } left) { json.WriteNumber("remaining_s", Math.Max(0, (long)left.TotalSeconds)); }
        if (face.View.TakeoverFrom is { } from) { json.WriteString("takeover_from", from.UtcDateTime); }
        if (record.HeartbeatSeconds is { } beat) { json.WriteNumber("heartbeat_s", beat); }
        json.WriteString("message", record.Message);
        if (record.Base is { } held)
        {
            json.WriteStartObject("base");
            json.WriteString("branch", held.Branch);
            json.WriteString("commit", held.Commit);
            json.WriteEndObject();
        }

        if (record.By is { } by)
        {
            json.WritePropertyName("broken_by");
            Owner(json, by);
        }

        if (record.Reason is { } reason) { json.WriteString("reason", reason); }
    }

    private static void Owner(Utf8JsonWriter json, LockOwner owner)
    {
        json.WriteStartObject();
        json.WriteString("shown", owner.Shown);
        json.WriteString("name", owner.Name);
        json.WriteString("email", owner.Email);
        json.WriteString("user", owner.User);
        json.WriteString("host", owner.Host);
        json.WriteString("machine_id", owner.MachineId);
        json.WriteString("clone_id", owner.CloneId);
        json.WriteEndObject();
    }
}
