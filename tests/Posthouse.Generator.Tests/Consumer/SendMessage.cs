using System.Text.Json.Serialization;
using Posthouse.Files;
using Posthouse.Jobs;

namespace Posthouse.Generator.Tests.Consumer;

public enum Mood
{
    Calm = 1,
    Urgent = 7,
}

/// <summary>A job that uses everything: keys, files, an older version and every kind of member.</summary>
[Job(
    "consumer.send",
    Version = 3,
    IdPrefix = "msg",
    Lane = "chat/{Conversation}",
    DeduplicationKey = "{Conversation}/{Topic}:{Number}",
    Destination = "{Region}",
    OnDuplicate = OnDuplicate.ReplacePending,
    WhenDead = WhenDead.Skip,
    Priority = -2,
    MaxAttempts = 3,
    ExpiresAfter = "7.00:00:00")]
internal sealed record SendMessage(string Conversation, Guid Topic, long Number, Mood Region, string Text) : IJob<Message?>
{
    public JobId? Answers { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public JobFile? Photo { get; init; }

    public Attachment? Cover { get; init; }

    public Message? OptimisticResult(OptimisticContext context) => new(context.Id, Text, context.Now);

    [Upcast(1)]
    internal static SendMessageV2 FromV1(SendMessageV1 old) => new(old.Conversation, old.Text, 1);

    [Upcast(2)]
    internal static SendMessage FromV2(SendMessageV2 old) => new(old.Conversation, Guid.Empty, old.Number, Mood.Calm, old.Text);
}

internal sealed record SendMessageV1(string Conversation, string Text);

internal sealed record SendMessageV2(string Conversation, string Text, long Number);

internal sealed record Message(JobId Id, string Text, DateTimeOffset At);

internal readonly record struct Attachment(string Title, JobFile? First, JobFile? Second);

internal sealed class SendMessageHandler : IJobHandler<SendMessage, Message?>
{
    public Task<Outcome<Message?>> HandleAsync(SendMessage job, JobContext context, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<Message?>>(new Message(context.Id, job.Text, context.AcceptedAt));
}

/// <summary>A context whose own options are as different from the pinned ones as they can be: they must have no say.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseUpper,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(SendMessage)), JsonSerializable(typeof(SendMessageV1)), JsonSerializable(typeof(Message))]
internal sealed partial class ConsumerJson : JsonSerializerContext;

/// <summary>A job whose only context would write names for enums, and is passed over: its type info comes from reflection.</summary>
[Job("consumer.ping")]
internal sealed record Ping(string Host, Mood Mood) : IJob<Nothing>
{
    public Nothing OptimisticResult(OptimisticContext context) => default;
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(Ping))]
internal sealed partial class NamesJson : JsonSerializerContext;
