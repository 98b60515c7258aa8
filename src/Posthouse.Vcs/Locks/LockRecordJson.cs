using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using M = Posthouse.Vcs.Locks.LockProtocol.Members;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// A record as bytes: one JSON object on one line, its members in a fixed order and absent ones left out, so that the same record
/// is always the same bytes. Members that a reader does not know are passed over.
/// </summary>
internal static class LockRecordJson
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    // Names and paths stay readable in `git log`; the bytes never stand inside of a web page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 8 };

    /// <summary>A record's bytes. Times are cut to the millisecond.</summary>
    public static byte[] Write(LockRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            WriteTenure(json, record);
            WriteLease(json, record);
            WriteNotes(json, record);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The record that bytes hold; null when they are none, or one of a later version of the protocol.</summary>
    public static LockRecord? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > LockProtocol.MaxRecordBytes)
            return null;
        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray(), Reading);
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void WriteTenure(Utf8JsonWriter json, LockRecord record)
    {
        json.WriteNumber(M.Version, LockRecord.Version);
        json.WriteString(M.Path, record.Path);
        json.WriteString(M.State, LockProtocol.StateNames.Of(record.State));
        json.WriteString(M.LockId, record.LockId);
        json.WriteNumber(M.Epoch, record.Epoch);
        json.WriteNumber(M.Seq, record.Seq);
        json.WriteString(M.OpId, record.OpId);
        WriteOwner(json, M.Owner, record.Owner);
    }

    private static void WriteLease(Utf8JsonWriter json, LockRecord record)
    {
        WriteTime(json, M.AcquiredAt, record.AcquiredAt);
        WriteTime(json, M.RenewedAt, record.RenewedAt);
        json.WriteNumber(M.TtlSeconds, record.TtlSeconds);
        WriteTime(json, M.ExpiresAt, record.ExpiresAt);
    }

    private static void WriteNotes(Utf8JsonWriter json, LockRecord record)
    {
        if (record.Base is { } start)
        {
            json.WriteStartObject(M.Base);
            json.WriteString(M.Branch, start.Branch);
            json.WriteString(M.Commit, start.Commit);
            json.WriteEndObject();
        }

        if (record.HeartbeatSeconds is { } seconds)
        {
            json.WriteStartObject(M.Heartbeat);
            json.WriteNumber(M.IntervalSeconds, seconds);
            json.WriteEndObject();
        }

        if (record.Message is { } message)
            json.WriteString(M.Message, message);
        if (record.Previous is { } previous)
        {
            json.WriteStartObject(M.Previous);
            json.WriteString(M.LockId, previous.LockId);
            WriteOwner(json, M.Owner, previous.Owner);
            json.WriteEndObject();
        }

        if (record.By is { } by)
            WriteOwner(json, M.By, by);
        if (record.Reason is { } reason)
            json.WriteString(M.Reason, reason);
        json.WriteString(M.Client, record.Client);
    }

    private static void WriteOwner(Utf8JsonWriter json, string name, LockOwner owner)
    {
        json.WriteStartObject(name);
        json.WriteString(M.Name, owner.Name);
        json.WriteString(M.Email, owner.Email);
        json.WriteString(M.User, owner.User);
        json.WriteString(M.Host, owner.Host);
        json.WriteString(M.MachineId, owner.MachineId);
        json.WriteString(M.CloneId, owner.CloneId);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset time) =>
        json.WriteString(name, time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));

    private static LockRecord? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || Number(json, M.Version) is not (> 0 and <= LockRecord.Version))
            return null;
        return Text(json, M.Path) is { Length: > 0 } path
            && LockProtocol.StateNames.Read(Text(json, M.State)) is { } state
            && Text(json, M.LockId) is { Length: > 0 } lockId
            && Number(json, M.Epoch) is { } epoch and > 0 and <= LockProtocol.MaxCount
            && Number(json, M.Seq) is { } seq and > 0 and <= LockProtocol.MaxCount
            && Text(json, M.OpId) is { Length: > 0 } opId
            && Owner(json, M.Owner) is { } owner
            && Time(json, M.AcquiredAt) is { } acquired
            && Time(json, M.RenewedAt) is { } renewed
            && Number(json, M.TtlSeconds) is { } ttl and > 0 and <= LockProtocol.MaxCount
            && Time(json, M.ExpiresAt) is { } expires
            && Text(json, M.Client) is { } client
            ? new LockRecord
            {
                Path = path,
                State = state,
                LockId = lockId,
                Epoch = epoch,
                Seq = seq,
                OpId = opId,
                Owner = owner,
                AcquiredAt = acquired,
                RenewedAt = renewed,
                TtlSeconds = ttl,
                ExpiresAt = expires,
                Base = Start(json),
                HeartbeatSeconds = Member(json, M.Heartbeat) is { } heartbeat && Number(heartbeat, M.IntervalSeconds) is { } every and > 0 ? every : null,
                Message = Text(json, M.Message),
                Previous = Member(json, M.Previous) is { } before && Text(before, M.LockId) is { } id && Owner(before, M.Owner) is { } last ? new LockPredecessor(id, last) : null,
                By = Owner(json, M.By),
                Reason = Text(json, M.Reason),
                Client = client,
            }
            : null;
    }

    private static LockBase? Start(JsonElement json) =>
        Member(json, M.Base) is { } start && Text(start, M.Branch) is { } branch && Text(start, M.Commit) is { } commit ? new LockBase(branch, commit) : null;

    private static LockOwner? Owner(JsonElement json, string name) =>
        Member(json, name) is { } owner && Text(owner, M.MachineId) is { Length: > 0 } machine && Text(owner, M.CloneId) is { Length: > 0 } clone
            ? new LockOwner(Text(owner, M.Name) ?? "", Text(owner, M.Email) ?? "", Text(owner, M.User) ?? "", Text(owner, M.Host) ?? "", machine, clone)
            : null;

    private static JsonElement? Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Object ? member : null;

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static long? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out var number) ? number : null;

    private static DateTimeOffset? Time(JsonElement json, string name) =>
        DateTimeOffset.TryParse(Text(json, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
