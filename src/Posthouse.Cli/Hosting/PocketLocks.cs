using Posthouse.AspNetCore.Dashboard.Locks;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>The locks of the person who runs the server, out of their own store, where the verbs keep what they last saw.</summary>
/// <param name="database">The store's file.</param>
internal sealed class PocketLocks(string database) : ILockView
{
    /// <inheritdoc/>
    public long Version => File.GetLastWriteTimeUtc(database + "-wal").Ticks ^ File.GetLastWriteTimeUtc(database).Ticks;

    /// <inheritdoc/>
    public KnownLocks Look()
    {
        using var reader = StoreReader.TryOpen(database);
        return reader?.Read(read => VcsSchema.IsIn(read) ? Of(read) : null) ?? new KnownLocks([], []);
    }

    private static KnownLocks Of(IRead read)
    {
        var (held, waiting) = (new List<HeldLock>(), new List<WaitingOperation>());
        foreach (var project in ProjectBook.List(read))
        {
            var known = LockBook.List(read, project.CloneId);
            held.AddRange(known.Where(one => one.Standing is not KnownStanding.NotMine).Select(one => new HeldLock(
                project.Name, project.Root, Name(one.Key), one.Standing is KnownStanding.Lost, one.Record is { State: LockState.Held } record ? record.Owner.Named : null, one.Record?.ExpiresAt, one.SeenAt)));
            waiting.AddRange(OpenOperations.Of(read, project.CloneId).Select(open => new WaitingOperation(
                project.Name, project.Root, open.Id, OperationTitle.Of(open.Operation, project.Name), StateOf(open.Phase), Holder(known, open.Operation))));
        }

        return new([.. held.OrderBy(one => one.Until ?? DateTimeOffset.MaxValue)], waiting);
    }

    private static string Name(ResourceKey key) => key.Path is ResourceKey.WholeProject ? "the whole project" : key.Path;

    private static JobState StateOf(OperationPhase phase) => phase switch { OperationPhase.Running => JobState.Running, OperationPhase.Failed => JobState.Dead, _ => JobState.Pending };

    /// <summary>Who has what an acquire wants, as it was seen last.</summary>
    private static string? Holder(List<KnownLock> known, IOperation operation) => operation is AcquireLock acquire && ResourceKey.Of(acquire.Resource) is var key
        ? known.Find(one => one is { Standing: not KnownStanding.Mine, Record.State: LockState.Held } && one.Key.Overlaps(key))?.Record!.Owner.Named
        : null;
}
