using System.Security.Cryptography;
using System.Text;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// The literals of the lock protocol, all in one place: what two programs must agree on to respect each other's locks.
/// <c>spec/vcs/locks.md</c> says the same in words.
/// </summary>
public static class LockProtocol
{
    /// <summary>Where locks are kept on a Git remote: this and the key's 40 digits.</summary>
    public const string RefPrefix = "refs/posthouse/locks/";

    /// <summary>Where they are kept on a remote that takes nothing outside of branches.</summary>
    public const string FallbackRefPrefix = "refs/heads/posthouse-locks/";

    /// <summary>In the subject of a record's commit, for under the fallback prefix each record looks like a push to a branch.</summary>
    public const string SkipCi = "[skip ci]";

    /// <summary>After so many transitions a record's commit has no parent, so that a register's history does not grow for ever: two
    /// days of a heartbeat every ten minutes are 288.</summary>
    public const int CompactEvery = 64;

    /// <summary>Most bytes of a record. The longest path and message, escaped, stay below it; more is no record of ours.</summary>
    public const int MaxRecordBytes = 64 << 10;

    /// <summary>Most characters of a message or a reason: a note to a colleague.</summary>
    public const int MaxNoteLength = 1_000;

    /// <summary>Largest epoch and number: what every reader of JSON takes exactly. A record beyond it is forged.</summary>
    public const long MaxCount = 1L << 53;

    private const int LockIdDigits = 16; // 64 bits: ids are compared within one register only.

    /// <summary>The id of the record that an operation writes after the one with number <paramref name="seq"/> − 1: the same whenever
    /// the same operation meets the same predecessor, and another after each lost race.</summary>
    public static string OpIdOf(string operation, long seq) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{operation}/{seq}");

    /// <summary>Whether a record was written by an operation.</summary>
    public static bool IsBy(LockRecord record, string operation)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentException.ThrowIfNullOrEmpty(operation);
        return record.OpId.Length > operation.Length && record.OpId[operation.Length] == '/' && record.OpId.StartsWith(operation, StringComparison.Ordinal);
    }

    /// <summary>The id of the tenure that a record begins. Made from the record's own id, so that a repeated operation begins the same tenure.</summary>
    public static string LockIdOf(string opId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("lock\n" + opId)))[..LockIdDigits];

    /// <summary>The subject line of a record's commit: what <c>git log</c> shows of a register.</summary>
    public static string SubjectOf(LockRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return $"lock {StateNames.Of(record.State)}: {record.Path} {SkipCi}";
    }

    /// <summary>A state's name on the wire.</summary>
    internal static class StateNames
    {
        private const string Held = "held";
        private const string Released = "released";
        private const string Broken = "broken";

        public static string Of(LockState state) => state switch
        {
            LockState.Held => Held,
            LockState.Released => Released,
            LockState.Broken => Broken,
            _ => throw new ArgumentOutOfRangeException(nameof(state)),
        };

        public static LockState? Read(string? name) => name switch
        {
            Held => LockState.Held,
            Released => LockState.Released,
            Broken => LockState.Broken,
            _ => null,
        };
    }

    /// <summary>The members of a record's JSON object, in the order in which they are written.</summary>
    internal static class Members
    {
        public const string Version = "v";
        public const string Path = "path";
        public const string State = "state";
        public const string LockId = "lock_id";
        public const string Epoch = "epoch";
        public const string Seq = "seq";
        public const string OpId = "op_id";
        public const string Owner = "owner";
        public const string Name = "name";
        public const string Email = "email";
        public const string User = "user";
        public const string Host = "host";
        public const string MachineId = "machine_id";
        public const string CloneId = "clone_id";
        public const string AcquiredAt = "acquired_at";
        public const string RenewedAt = "renewed_at";
        public const string TtlSeconds = "ttl_s";
        public const string ExpiresAt = "expires_at";
        public const string Base = "base";
        public const string Branch = "branch";
        public const string Commit = "commit";
        public const string Heartbeat = "heartbeat";
        public const string IntervalSeconds = "interval_s";
        public const string Message = "message";
        public const string Previous = "prev";
        public const string By = "by";
        public const string Reason = "reason";
        public const string Client = "client";
    }
}
