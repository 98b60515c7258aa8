using System.Text.Json;
using System.Text.Json.Serialization;

namespace Posthouse.Vcs.Comments;

/// <summary>
/// One remark on a revision, as it is stored and exchanged. It never changes: a new wording, or its removal, is a comment of its own
/// that names it in <see cref="EditedOf"/>. So two people who were both offline can always be put together by putting their
/// comments together.
/// </summary>
internal sealed record Comment
{
    /// <summary>Most characters of a comment: a long letter.</summary>
    public const int MaxText = 16_384;

    /// <summary>Most bytes of a stored comment; a larger file is not read.</summary>
    public const int MaxBytes = 128 << 10;

    /// <summary>The version of this shape.</summary>
    public int V { get; init; } = 1;

    /// <summary>A UUID of version 7.</summary>
    public required string Id { get; init; }

    /// <summary>The commit, in full: what was meant when it was written.</summary>
    public required string Commit { get; init; }

    /// <summary>Who says to have written it.</summary>
    public required string Author { get; init; }

    /// <summary>The author's address.</summary>
    public required string Email { get; init; }

    /// <summary>What it says; empty for a removal.</summary>
    public required string Text { get; init; }

    /// <summary>When it was written, by its author's clock.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The comment it answers, or null.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>The comment that it puts in other words, or removes, or null.</summary>
    public string? EditedOf { get; init; }

    /// <summary>Whether it removes <see cref="EditedOf"/>.</summary>
    public bool Deleted { get; init; }

    /// <summary>The comment as it is stored.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CommentJson.Default.Comment);

    /// <summary>Reads a stored comment; null where it is none, or not the one that its place names.</summary>
    public static Comment? Read(ReadOnlySpan<byte> json, string commit, string id)
    {
        try
        {
            var comment = json.Length > MaxBytes ? null : JsonSerializer.Deserialize(json, CommentJson.Default.Comment);
            return comment is not null && comment.Id == id && comment.Commit == commit && comment.Text.Length <= MaxText ? comment : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How comments are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Comment))]
internal sealed partial class CommentJson : JsonSerializerContext;
