namespace Posthouse.Jobs;

/// <summary>
/// An intent that must arrive: plain data that can be written to disk. The queue runs it at least once, whatever happens to
/// the process or the network, and shows its optimistic result until the real one is there.
/// </summary>
/// <typeparam name="TResult">What the far side answers; written to disk too.</typeparam>
public interface IJob<out TResult>
{
    /// <summary>
    /// The result to show before the far side has answered. Called once, before the job is admitted; must be quick and pure.
    /// </summary>
    /// <param name="context">The job's id and the present time: no other id or clock may be used.</param>
    TResult OptimisticResult(OptimisticContext context);
}

/// <summary>What an optimistic result may be made from besides the job itself.</summary>
/// <param name="Id">The job's id; use it as the temporary id of what the user sees.</param>
/// <param name="Now">The time of the call.</param>
public readonly record struct OptimisticContext(JobId Id, DateTimeOffset Now);

/// <summary>The result of a job whose far side has nothing to say.</summary>
public readonly record struct Nothing;

/// <summary>
/// Declares a job type. The name is stored with every row and is never derived from the CLR type, so that types may be
/// renamed while rows wait. Templates name properties in braces and take ids, integers, enums and strings; values are
/// percent-encoded, so that <c>a/b</c> and <c>c</c> never meet <c>a</c> and <c>b/c</c>.
/// </summary>
/// <param name="name">1 to 100 characters: lower-case letters, digits, dots and hyphens.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class JobAttribute(string name) : Attribute
{
    /// <summary>The stored name, for example <c>chat.send</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The version of the record's shape, from 1. A change of shape needs a new version and an <see cref="UpcastAttribute"/>.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The first part of the ids of this type's jobs. Default: the name's last part.</summary>
    public string? IdPrefix { get; init; }

    /// <summary>Template of the lane; jobs of one lane run one at a time in the order they were accepted. Default none.</summary>
    public string? Lane { get; init; }

    /// <summary>Template of the deduplication key; null: every enqueue is a job of its own.</summary>
    public string? DeduplicationKey { get; init; }

    /// <summary>What to do about an open job with the same key. Default <see cref="Jobs.OnDuplicate.ReturnExisting"/>.</summary>
    public OnDuplicate OnDuplicate { get; init; }

    /// <summary>Template of the destination whose connectivity decides whether a try makes sense. Default: the empty destination.</summary>
    public string? Destination { get; init; }

    /// <summary>What a dead job of this type does to those behind it. Default <see cref="Jobs.WhenDead.Block"/>.</summary>
    public WhenDead WhenDead { get; init; }

    /// <summary>Higher runs first among jobs that may run; lanes keep their order whatever it says. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>Counted attempts before the job is Poisoned, from 1. Default 5, all tries included.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>
    /// How often in a row the process may die while it runs the job before the job is Crashed and waits for a decision, from 1.
    /// Default 3. Higher where the handler cannot be what ends the process, and waiting for a person costs more than tries.
    /// </summary>
    public int MaxLost { get; init; } = JobLaw.MaxLost;

    /// <summary>How long after admission the job is still worth doing, as a TimeSpan such as <c>7.00:00:00</c>. Default for ever.</summary>
    public string? ExpiresAfter { get; init; }
}

/// <summary>Marks the static method that reads an older version's record into the next one.</summary>
/// <param name="from">The version the method's parameter has; the result has version <c>from + 1</c> or the present one.</param>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class UpcastAttribute(int from) : Attribute
{
    /// <summary>The version the method's parameter has.</summary>
    public int From { get; } = from;
}
