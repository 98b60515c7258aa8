using Posthouse.Queue;

namespace Posthouse.Storage.Jobs;

/// <summary>Makes rows of jobs: what a store needs to let a room enqueue inside its transaction.</summary>
internal interface IJobDrafts
{
    /// <summary>Serialises a job and computes its keys.</summary>
    /// <exception cref="PosthouseException">JOB_TYPE_UNKNOWN or JOB_INVALID.</exception>
    JobDraft Draft(object job, EnqueueOptions? options);
}
