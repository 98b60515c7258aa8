using System.Text.Json.Serialization;

namespace Posthouse.Files;

/// <summary>
/// A file that belongs to a job. Before the job is admitted the queue copies the file to safety, so that the original may
/// vanish; the handler reads the copy with <see cref="Jobs.JobContext.OpenFile"/>.
/// </summary>
public sealed record JobFile
{
    /// <summary>A file given by its path. It is read during the enqueue; a missing one fails it.</summary>
    /// <param name="path">Where the file is now.</param>
    /// <param name="mediaType">What it is, for example <c>image/jpeg</c>.</param>
    public static JobFile FromPath(string path, string? mediaType = null) =>
        new() { SourcePath = path, Name = Path.GetFileName(path), MediaType = mediaType };

    /// <summary>Where the file was; not stored.</summary>
    [JsonIgnore]
    public string? SourcePath { get; init; }

    /// <summary>The file's name without folders.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is, if the caller said so.</summary>
    public string? MediaType { get; init; }

    /// <summary>SHA-256 of the bytes in lower-case hex, once the queue has them.</summary>
    public string? Hash { get; init; }

    /// <summary>Size in bytes, once the queue has them.</summary>
    public long Size { get; init; }
}
