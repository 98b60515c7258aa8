using Posthouse.Diagnostics;
using Posthouse.Connectivity;
using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Queue;
using Posthouse.Retry;

namespace Posthouse.Storage.Jobs;

/// <summary>Makes rows of jobs by their descriptors: serialises, computes keys, and calls for the optimistic result, once.</summary>
internal sealed class JobDrafts(JobRegistry registry, TimeProvider time, IIds ids) : IJobDrafts
{
    public JobDraft Draft(object job, EnqueueOptions? options)
    {
        var descriptor = registry.Of(job);
        if (descriptor.Files(job).Count > 0)
        {
            throw new PosthouseException(ErrorCodes.JobInvalid,
                $"Job \"{descriptor.Name}\" has files, which need time to be copied: enqueue it with JobQueue.EnqueueAsync, not inside a transaction.");
        }

        return Draft(descriptor, job, options, []);
    }

    /// <summary>
    /// Makes the row of a job whose payload was edited as JSON, under a new id. Where the type is known here, what is computed
    /// from a payload is computed from the new one; where it is not, the old job's stays.
    /// </summary>
    /// <exception cref="PosthouseException">JOB_INVALID: the payload is none of this type.</exception>
    public JobDraft Edited(JobRecord old, byte[] payload, IReadOnlyList<StoredFile> files)
    {
        var (now, prefix) = (time.GetUtcNow(), old.Id.Value.Split('-')[0]);
        var id = JobId.New(prefix.Length > 0 ? prefix : "job", time, ids);
        var draft = new JobDraft(id, old.Name, old.Version, payload, old.Optimistic)
        {
            Destination = old.Destination,
            Lane = old.Lane,
            DeduplicationKey = old.DeduplicationKey,
            Owner = old.Owner,
            Priority = old.Priority,
            WhenDead = old.WhenDead,
            MaxAttempts = old.MaxAttempts,
            // As a plain retry does: a time that has run out would end it unsent at once.
            ExpiresAt = old.ExpiresAt > now ? old.ExpiresAt : null,
            Files = files,
        };
        if (!registry.TryRestore(old.Name, old.Version, payload, out var job))
        {
            return draft;
        }

        var descriptor = registry.Of(job);
        return draft with
        {
            Optimistic = descriptor.WriteOptimistic(job, new OptimisticContext(id, now)),
            Destination = Destination(descriptor, job),
            DeduplicationKey = descriptor.DeduplicationKey(job),
            MaxLost = descriptor.MaxLost,
        };
    }

    /// <summary>Makes the row of a job whose files the vault has.</summary>
    public JobDraft Draft(JobDescriptor descriptor, object job, EnqueueOptions? options, IReadOnlyList<StoredFile> files)
    {
        options ??= new EnqueueOptions();
        if (options.MaxAttempts < 1)
        {
            throw new PosthouseException(ErrorCodes.JobInvalid, $"Job \"{descriptor.Name}\": MaxAttempts is 1 or more, not {options.MaxAttempts}.");
        }

        var now = time.GetUtcNow();
        var id = options.Id ?? JobId.New(descriptor.IdPrefix, time, ids);
        using var activity = PosthouseTracing.StartEnqueue(descriptor.Name, id);
        return new JobDraft(id, descriptor.Name, descriptor.Version, descriptor.Write(job), descriptor.WriteOptimistic(job, new OptimisticContext(id, now)))
        {
            Destination = Destination(descriptor, job),
            Lane = options.Lane ?? descriptor.Lane(job),
            DeduplicationKey = descriptor.DeduplicationKey(job),
            OnDuplicate = descriptor.OnDuplicate,
            Owner = options.Owner,
            After = options.After,
            WhenDead = descriptor.WhenDead,
            Priority = options.Priority ?? descriptor.Priority,
            NotBefore = options.NotBefore,
            ExpiresAt = options.ExpiresAt ?? (descriptor.ExpiresAfter is { } life ? now + life : null),
            MaxAttempts = options.MaxAttempts,
            MaxLost = descriptor.MaxLost,
            Files = files,
            TraceParent = PosthouseTracing.TraceParent(),
        };
    }

    private static string Destination(JobDescriptor descriptor, object job) =>
        descriptor.Plan is Schedule ? Destinations.Scheduled(descriptor.Destination(job)) : descriptor.Destination(job);
}
