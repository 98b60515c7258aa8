using Posthouse.Files;
using Posthouse.Jobs;

namespace Posthouse.Tests.Hosting;

internal sealed record Receipt(string Text);

/// <summary>One counted attempt, so that a failure is final at once.</summary>
[Job("test.letter", MaxAttempts = 1)]
internal sealed record Letter(string Text) : IJob<Receipt>
{
    public JobFile? Enclosure { get; init; }

    public Receipt OptimisticResult(OptimisticContext context) => new($"under way: {Text}");
}

[Job("test.subscription", DeduplicationKey = "{Paper}")]
internal sealed record Subscription(string Paper) : IJob<Receipt>
{
    public Receipt OptimisticResult(OptimisticContext context) => new($"ordered: {Paper}");
}

/// <summary>The far side as a test wants it; by default it takes everything.</summary>
internal sealed class FarSide
{
    public List<string> Received { get; } = [];

    public Func<string, CancellationToken, Task<Outcome<Receipt>>> Answer { get; set; } =
        (text, _) => Task.FromResult<Outcome<Receipt>>(new Receipt($"arrived: {text}"));
}

internal sealed class LetterHandler(FarSide farSide) : IJobHandler<Letter, Receipt>
{
    public async Task<Outcome<Receipt>> HandleAsync(Letter job, JobContext context, CancellationToken cancellationToken)
    {
        var text = job.Text;
        if (job.Enclosure is { } enclosure)
        {
            using var reader = new StreamReader(context.OpenFile(enclosure));
            text += " + " + await reader.ReadToEndAsync(cancellationToken);
        }

        lock (farSide.Received)
        {
            farSide.Received.Add(text);
        }

        return await farSide.Answer(text, cancellationToken);
    }
}

internal sealed class SubscriptionHandler(FarSide farSide) : IJobHandler<Subscription, Receipt>
{
    public Task<Outcome<Receipt>> HandleAsync(Subscription job, JobContext context, CancellationToken cancellationToken) =>
        farSide.Answer(job.Paper, cancellationToken);
}
