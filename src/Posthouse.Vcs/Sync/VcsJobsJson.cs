using System.Text.Json.Serialization;

namespace Posthouse.Vcs.Sync;

/// <summary>How operations are written to disk; names and defaults are the core's pinned ones.</summary>
[JsonSerializable(typeof(AcquireLock))]
[JsonSerializable(typeof(ReleaseLock))]
[JsonSerializable(typeof(RenewLock))]
[JsonSerializable(typeof(BreakLock))]
[JsonSerializable(typeof(PushCommits))]
[JsonSerializable(typeof(PullCommits))]
[JsonSerializable(typeof(SyncComments))]
[JsonSerializable(typeof(OperationResult))]
internal sealed partial class VcsJobsJson : JsonSerializerContext;
