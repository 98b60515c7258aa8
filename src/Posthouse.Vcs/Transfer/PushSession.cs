using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Posthouse.Storage;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>
/// How far a staged push is, for people and programs that ask. What counts when it goes on is what the far side has: this file may
/// be lost, or be older than the far side, and nothing is sent twice for that.
/// </summary>
internal sealed record PushSession
{
    /// <summary>The version of this shape.</summary>
    public int V { get; init; } = 1;

    /// <summary>The session's name; its batches lie under it on the remote.</summary>
    public required string Session { get; init; }

    /// <summary>The branch that is pushed.</summary>
    public required string Branch { get; init; }

    /// <summary>Its commit.</summary>
    public required string Commit { get; init; }

    /// <summary>All bytes.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Bytes that the far side acknowledged.</summary>
    public long TransferredBytes { get; init; }

    /// <summary>The last finished batch, or null before the first.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it came further last.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>How far it is.</summary>
    [JsonIgnore]
    public TransferProgress Progress => new(TransferredBytes, TotalBytes, Checkpoint);

    private const string Prefix = "push-session-";

    /// <summary>The session that was begun for a branch, or null; a file that cannot be read is none.</summary>
    public static PushSession? Load(Project project, string branch) => Read(FileOf(project, branch));

    /// <summary>The names of the sessions that were begun for other branches.</summary>
    public static IReadOnlySet<string> OfOthers(Project project, string branch) => Directory.Exists(FolderOf(project))
        ? Directory.EnumerateFiles(FolderOf(project), Prefix + "*.json").Select(Read).OfType<PushSession>().Where(one => one.Branch != branch).Select(one => one.Session).ToHashSet()
        : new HashSet<string>();

    private static string FolderOf(Project project) => Path.Combine(project.GitFolder, "posthouse");

    /// <summary>By a hash, for a branch's name may be longer than a file's, and differ from another's in letter case alone.</summary>
    private static string FileOf(Project project, string branch) =>
        Path.Combine(FolderOf(project), $"{Prefix}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(branch)).AsSpan(0, 8))}.json");

    private static PushSession? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), PushSessionJson.Default.PushSession);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Completes when it is on disk.</summary>
    public void Save(Project project)
    {
        var file = FileOf(project, Branch);
        Durable.CreatePrivateDirectory(Path.GetDirectoryName(file)!);
        Durable.WriteAllBytesAtomically(file, JsonSerializer.SerializeToUtf8Bytes(this, PushSessionJson.Default.PushSession));
    }

    /// <summary>The session of a branch is over.</summary>
    public static void Forget(Project project, string branch) => File.Delete(FileOf(project, branch));
}

/// <summary>How a session is written to disk.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PushSession))]
internal sealed partial class PushSessionJson : JsonSerializerContext;
