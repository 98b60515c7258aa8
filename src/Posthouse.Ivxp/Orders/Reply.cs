using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Orders;

/// <summary>Why a message is not taken, as the wire says it.</summary>
/// <param name="Code">A code of <see cref="IvxpErrors"/>.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="Reason">For programs, where one code has several cases.</param>
/// <param name="RetryAfter">When to come back.</param>
internal sealed record Refusal(string Code, string Message, string? Reason = null, TimeSpan? RetryAfter = null);

/// <summary>An answer or a refusal.</summary>
/// <typeparam name="T">The answer.</typeparam>
internal readonly record struct Reply<T>
    where T : class
{
    private Reply(T? answer, Refusal? refusal) => (Answer, Refusal) = (answer, refusal);

    public T? Answer { get; }

    public Refusal? Refusal { get; }

    /// <summary>Goes on with the answer; a refusal stays what it is.</summary>
    public Reply<TNext> Then<TNext>(Func<T, Reply<TNext>> next)
        where TNext : class => Refusal is { } refusal ? refusal : next(Answer!);

    public static implicit operator Reply<T>(T answer) => new(answer, null);

    public static implicit operator Reply<T>(Refusal refusal) => new(null, refusal);
}
