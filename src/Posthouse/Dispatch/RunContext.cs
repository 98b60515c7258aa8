using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Dispatch;

/// <summary>What a handler is given besides its job.</summary>
internal sealed class RunContext(LeasedJob job, IFileCustody? files, Action<double, string?> progress) : JobContext
{
    public override JobId Id => job.Lease.Id;

    public override int Attempt => job.Attempts + 1;

    public override bool PreviousOutcomeUnknown => job.Lost > 0;

    public override long Fence => job.Lease.Fence;

    public override DateTimeOffset AcceptedAt => job.AcceptedAt;

    public override Stream OpenFile(JobFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return (files ?? throw new PosthouseException(ErrorCodes.FileDamaged, "This process keeps no files: configure a vault."))
            .Open(file.Hash ?? throw new PosthouseException(ErrorCodes.FileDamaged, $"{file.Name} was never given to the queue."));
    }

    public override void ReportProgress(double fraction, string? message = null) =>
        progress(double.IsNaN(fraction) ? 0 : Math.Clamp(fraction, 0, 1), message);
}
