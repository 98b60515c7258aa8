using System.Globalization;
using System.Text.Json;
using Posthouse.Storage;

namespace Posthouse.Cli.Backups;

/// <summary>One file of a backup.</summary>
/// <param name="Path">Where it lies in the backup, and in a station that is made of it; with forward slashes.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="Hash">Its SHA-256, lower-case hex.</param>
internal sealed record BackedFile(string Path, long Bytes, string Hash);

/// <summary>What is in a backup. It is written last, so that a folder with one is a whole backup.</summary>
/// <param name="MadeAt">When.</param>
/// <param name="OpenJobs">Jobs that had not ended.</param>
/// <param name="LastEvent">The position of the newest event.</param>
/// <param name="HasKeys">Whether the station's keys are in it.</param>
/// <param name="Schema">The versions of the rooms' tables.</param>
/// <param name="Files">All other files.</param>
internal sealed record BackupManifest(
    DateTimeOffset MadeAt, long OpenJobs, long LastEvent, bool HasKeys, IReadOnlyDictionary<string, int> Schema, IReadOnlyList<BackedFile> Files)
{
    /// <summary>Its file in a backup.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The form that this program writes and reads.</summary>
    private const int Format = 1;

    /// <summary>All bytes together.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);

    /// <summary>Reads the manifest of a backup.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: there is none; STORE_CORRUPT: it cannot be read; SCHEMA_NEWER: a newer program wrote it.</exception>
    public static BackupManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{folder} is no backup, or one that was not finished: it has no {FileName}.");
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = json.RootElement;
            if (root.GetProperty("format").GetInt32() > Format)
            {
                throw new PosthouseException(ErrorCodes.SchemaNewer, $"{folder} was written by a newer version of this program. Update this program.");
            }

            return new BackupManifest(
                root.GetProperty("made_at").GetDateTimeOffset(), root.GetProperty("open_jobs").GetInt64(), root.GetProperty("last_event").GetInt64(),
                root.GetProperty("keys").GetBoolean(), root.GetProperty("schema").EnumerateObject().ToDictionary(part => part.Name, part => part.Value.GetInt32(), StringComparer.Ordinal),
                [.. root.GetProperty("files").EnumerateArray().Select(file => OneFile(path, file))]);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new PosthouseException(ErrorCodes.StoreCorrupt, $"{path} is damaged ({error.Message}). Take another backup.", error);
        }
    }

    /// <summary>Writes it; it is on disk when this returns.</summary>
    public void Write(string folder)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("made_at", MadeAt);
            json.WriteNumber("open_jobs", OpenJobs);
            json.WriteNumber("last_event", LastEvent);
            json.WriteBoolean("keys", HasKeys);
            json.WriteStartObject("schema");
            foreach (var (part, version) in Schema.OrderBy(part => part.Key, StringComparer.Ordinal)) { json.WriteNumber(part, version); }
            json.WriteEndObject();
            json.WriteStartArray("files");
            foreach (var file in Files)
            {
                json.WriteStartObject();
                json.WriteString("path", file.Path);
                json.WriteNumber("bytes", file.Bytes);
                json.WriteString("sha256", file.Hash);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        Durable.WriteAllBytesAtomically(Path.Combine(folder, FileName), buffer.ToArray());
    }

    /// <summary>What people are told of its size.</summary>
    public string Size() => string.Create(CultureInfo.InvariantCulture, $"{Files.Count:N0} file(s), {Bytes / 1e6:N1} MB");

    /// <summary>A path that led out of the folder would let a stranger's backup write anywhere.</summary>
    private static BackedFile OneFile(string manifest, JsonElement file)
    {
        var path = file.GetProperty("path").GetString()!;
        var isInside = path.Length > 0 && !Path.IsPathRooted(path) && !path.Contains('\\', StringComparison.Ordinal)
            && path.Split('/').All(part => part is not ("" or "." or ".."));
        return isInside ? new BackedFile(path, file.GetProperty("bytes").GetInt64(), file.GetProperty("sha256").GetString()!)
            : throw new PosthouseException(ErrorCodes.StoreCorrupt, $"{manifest} names {JsonEncodedText.Encode(path)}, which is no path in a backup.");
    }
}
