using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Posthouse.Retry;

namespace Posthouse.Jobs;

/// <summary>
/// The job types a process knows, by stored name and by CLR type. Filled by the generated <c>AddXxxJobs()</c>, or by hand.
/// Not static: every container and every test has its own.
/// </summary>
public sealed class JobRegistry
{
    private readonly Dictionary<string, JobDescriptor> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, JobDescriptor> _byType = [];

    /// <summary>All descriptors, in the order they were registered.</summary>
    public IReadOnlyCollection<JobDescriptor> All => _byName.Values;

    /// <summary>Adds a job type.</summary>
    /// <exception cref="PosthouseException">JOB_INVALID: another descriptor has this name or this CLR type.</exception>
    public JobRegistry Register(JobDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        if (_byName.TryGetValue(descriptor.Name, out var standing) || _byType.TryGetValue(descriptor.JobType, out standing))
        {
            throw new PosthouseException(ErrorCodes.JobInvalid,
                $"Job \"{descriptor.Name}\" ({descriptor.JobType}) meets \"{standing.Name}\" ({standing.JobType}): names and types are registered once.");
        }

        _byName.Add(descriptor.Name, descriptor);
        _byType.Add(descriptor.JobType, descriptor);
        return this;
    }

    /// <summary>Adds a job type without lane, keys or files.</summary>
    /// <exception cref="PosthouseException">JOB_INVALID: another descriptor has this name or this CLR type.</exception>
    public JobRegistry Register<TJob, TResult>(string name, int version, JsonTypeInfo<TJob> jobInfo, JsonTypeInfo<TResult> resultInfo)
        where TJob : IJob<TResult> => Register(new JobDescriptor<TJob, TResult>(name, version, jobInfo, resultInfo));

    /// <summary>
    /// Gives a registered job type another retry plan: a <see cref="Schedule"/>, which no attribute can spell, or what the
    /// configuration says. Before the first job is run.
    /// </summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <param name="plan">The plan.</param>
    /// <exception cref="PosthouseException">JOB_TYPE_UNKNOWN: the type is not registered.</exception>
    public JobRegistry UsePlan<TJob>(RetryPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        (_byType.GetValueOrDefault(typeof(TJob)) ?? throw Unknown(typeof(TJob))).UsePlan(plan);
        return this;
    }

    /// <summary>Whether a type of this stored name is known.</summary>
    public bool IsRegistered(string name) => _byName.ContainsKey(name);

    /// <summary>Finds a type by its stored name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out JobDescriptor? descriptor) => _byName.TryGetValue(name, out descriptor);

    /// <summary>Reads a stored job, if its type and version are known here.</summary>
    /// <exception cref="PosthouseException">JOB_INVALID: the bytes are no such record.</exception>
    public bool TryRestore(string name, int version, ReadOnlySpan<byte> payload, [NotNullWhen(true)] out object? job)
    {
        job = TryGet(name, out var descriptor) && descriptor.CanRead(version) ? descriptor.Read(version, payload) : null;
        return job is not null;
    }

    /// <summary>The descriptor of a job object.</summary>
    /// <exception cref="PosthouseException">JOB_TYPE_UNKNOWN: its type was not registered.</exception>
    public JobDescriptor Of(object job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return _byType.TryGetValue(job.GetType(), out var descriptor) ? descriptor : throw Unknown(job.GetType());
    }

    private static PosthouseException Unknown(Type job) => new(ErrorCodes.JobTypeUnknown,
        $"{job} is in no registry. Mark it [Job(\"name\")] and call the generated Add…Jobs(), or register it by hand.");
}
