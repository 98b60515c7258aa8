using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Files;
using Posthouse.Retry;

namespace Posthouse.Jobs;

/// <summary>
/// Everything the queue has to know about a job type: its stored name and version, how it is written and read, and what its
/// keys are. Made by the generator, or by hand with <see cref="JobDescriptor{TJob, TResult}"/>.
/// </summary>
public abstract class JobDescriptor
{
    private RetryPlan _plan = new Backoff();
    private int _maxLost = JobLaw.MaxLost;

    private protected JobDescriptor(string name, int version)
    {
        Name = JobNames.Check(name);
        Version = version >= 1 ? version : throw new PosthouseException(ErrorCodes.JobInvalid, $"Job \"{name}\": versions start at 1.");
        IdPrefix = name[(name.LastIndexOf('.') + 1)..];
    }

    /// <summary>The stored name.</summary>
    public string Name { get; }

    /// <summary>The version that <see cref="Write"/> writes.</summary>
    public int Version { get; }

    /// <summary>The first part of new ids.</summary>
    public string IdPrefix { get; init; }

    /// <summary>What to do about an open job with the same deduplication key.</summary>
    public OnDuplicate OnDuplicate { get; init; }

    /// <summary>What a dead job does to those behind it.</summary>
    public WhenDead WhenDead { get; init; }

    /// <summary>The priority when the caller names none.</summary>
    public int Priority { get; init; }

    /// <summary>How often in a row the job's process may die while it runs before it is Crashed, from 1; see <see cref="JobAttribute.MaxLost"/>.</summary>
    public int MaxLost
    {
        get => _maxLost;
        init => _maxLost = value >= 1 ? value : throw new PosthouseException(ErrorCodes.JobInvalid, $"Job \"{Name}\": MaxLost is 1 or more, not {value}.");
    }

    /// <summary>How failures are tried again.</summary>
    public RetryPlan Plan
    {
        get => _plan;
        init => _plan = value;
    }

    /// <summary>How long after admission the job is worth doing; null: for ever.</summary>
    public TimeSpan? ExpiresAfter { get; init; }

    /// <summary>Puts another plan in the place of the declared one; see <see cref="JobRegistry.UsePlan{TJob}"/>.</summary>
    internal void UsePlan(RetryPlan plan) => _plan = plan;

    /// <summary>The job's CLR type.</summary>
    public abstract Type JobType { get; }

    /// <summary>The payload's bytes.</summary>
    public abstract byte[] Write(object job);

    /// <summary>Reads a payload of any version up to <see cref="Version"/>.</summary>
    /// <exception cref="PosthouseException">JOB_INVALID: the bytes are no such record, or the version has no upcast.</exception>
    public abstract object Read(int version, ReadOnlySpan<byte> payload);

    /// <summary>Whether rows of this version can be read here.</summary>
    public abstract bool CanRead(int version);

    /// <summary>The optimistic result's bytes.</summary>
    public abstract byte[] WriteOptimistic(object job, OptimisticContext context);

    /// <summary>A result's bytes.</summary>
    public abstract byte[] WriteResult(object? result);

    /// <summary>Reads a result or an optimistic result.</summary>
    public abstract object? ReadResultObject(ReadOnlySpan<byte> bytes);

    /// <summary>The job's lane, or null.</summary>
    public abstract string? Lane(object job);

    /// <summary>The job's deduplication key, or null.</summary>
    public abstract string? DeduplicationKey(object job);

    /// <summary>The job's destination; empty when it has none.</summary>
    public abstract string Destination(object job);

    /// <summary>The job's files.</summary>
    public abstract IReadOnlyList<JobFile> Files(object job);

    /// <summary>The same job with its files replaced, in the order of <see cref="Files"/>.</summary>
    public abstract object WithFiles(object job, IReadOnlyList<JobFile> files);

    /// <summary>Whether this process can run the job, that is, has a handler for it.</summary>
    public abstract bool HasHandler(IServiceProvider services);

    /// <summary>Runs the job's handler once.</summary>
    public abstract Task<Outcome> InvokeAsync(IServiceProvider services, object job, JobContext context, CancellationToken cancellationToken);
}

/// <summary>The descriptor of one job type.</summary>
/// <typeparam name="TJob">The job.</typeparam>
/// <typeparam name="TResult">Its result.</typeparam>
/// <param name="name">The stored name.</param>
/// <param name="version">The version that is written.</param>
/// <param name="jobInfo">How the job is written as JSON.</param>
/// <param name="resultInfo">How the result is written as JSON.</param>
public sealed class JobDescriptor<TJob, TResult>(string name, int version, JsonTypeInfo<TJob> jobInfo, JsonTypeInfo<TResult> resultInfo)
    : JobDescriptor(name, version)
    where TJob : IJob<TResult>
{
    /// <summary>Makes the lane of a job; null: no lane.</summary>
    public Func<TJob, string?>? LaneOf { get; init; }

    /// <summary>Makes the deduplication key of a job; null: none.</summary>
    public Func<TJob, string?>? DeduplicationKeyOf { get; init; }

    /// <summary>Makes the destination of a job; null: the empty destination.</summary>
    public Func<TJob, string>? DestinationOf { get; init; }

    /// <summary>Lists the files of a job; null: it has none.</summary>
    public Func<TJob, IReadOnlyList<JobFile>>? FilesOf { get; init; }

    /// <summary>Puts stored files in the place of the caller's; needed with <see cref="FilesOf"/>.</summary>
    public Func<TJob, IReadOnlyList<JobFile>, TJob>? ReplaceFiles { get; init; }

    /// <summary>Reads payloads of older versions, by version; each gives the present record.</summary>
    public IReadOnlyDictionary<int, PayloadReader<TJob>> Upcasts { get; init; } = new Dictionary<int, PayloadReader<TJob>>();

    /// <inheritdoc/>
    public override Type JobType => typeof(TJob);

    /// <inheritdoc/>
    public override byte[] Write(object job) => JsonSerializer.SerializeToUtf8Bytes((TJob)job, jobInfo);

    /// <inheritdoc/>
    public override bool CanRead(int version) => version == Version || Upcasts.ContainsKey(version);

    /// <inheritdoc/>
    public override object Read(int version, ReadOnlySpan<byte> payload)
    {
        try
        {
            var job = version == Version ? JsonSerializer.Deserialize(payload, jobInfo)
                : Upcasts.TryGetValue(version, out var upcast) ? upcast(payload)
                : throw new PosthouseException(ErrorCodes.JobInvalid, $"Job \"{Name}\" version {version} has no upcast to version {Version}.");
            return job ?? throw new PosthouseException(ErrorCodes.JobInvalid, $"The payload of \"{Name}\" is null.");
        }
        catch (JsonException e)
        {
            throw new PosthouseException(ErrorCodes.JobInvalid, $"The payload of \"{Name}\" version {version} is not what that version writes.", e);
        }
    }

    /// <summary>Reads a result or an optimistic result.</summary>
    public TResult? ReadResult(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize(bytes, resultInfo);

    /// <inheritdoc/>
    public override object? ReadResultObject(ReadOnlySpan<byte> bytes) => ReadResult(bytes);

    /// <inheritdoc/>
    public override byte[] WriteOptimistic(object job, OptimisticContext context) => WriteResult(((TJob)job).OptimisticResult(context));

    /// <inheritdoc/>
    public override byte[] WriteResult(object? result) => JsonSerializer.SerializeToUtf8Bytes((TResult)result!, resultInfo);

    /// <inheritdoc/>
    public override string? Lane(object job) => LaneOf?.Invoke((TJob)job);

    /// <inheritdoc/>
    public override string? DeduplicationKey(object job) => DeduplicationKeyOf?.Invoke((TJob)job);

    /// <inheritdoc/>
    public override string Destination(object job) => DestinationOf?.Invoke((TJob)job) ?? "";

    /// <inheritdoc/>
    public override IReadOnlyList<JobFile> Files(object job) => FilesOf?.Invoke((TJob)job) ?? [];

    /// <inheritdoc/>
    public override object WithFiles(object job, IReadOnlyList<JobFile> files) => ReplaceFiles is { } replace
        ? replace((TJob)job, files)!
        : throw new PosthouseException(ErrorCodes.JobInvalid, $"Job \"{Name}\" lists files but says not how to replace them: set ReplaceFiles.");

    /// <inheritdoc/>
    public override bool HasHandler(IServiceProvider services) =>
        services.GetService<IServiceProviderIsService>()?.IsService(typeof(IJobHandler<TJob, TResult>)) ?? true;

    /// <inheritdoc/>
    public override async Task<Outcome> InvokeAsync(IServiceProvider services, object job, JobContext context, CancellationToken cancellationToken)
    {
        var handler = services.GetRequiredService<IJobHandler<TJob, TResult>>();
        return (await handler.HandleAsync((TJob)job, context, cancellationToken)).Inner;
    }
}

/// <summary>Reads the payload of one older version into the present record.</summary>
/// <typeparam name="TJob">The present record.</typeparam>
public delegate TJob PayloadReader<out TJob>(ReadOnlySpan<byte> payload);
