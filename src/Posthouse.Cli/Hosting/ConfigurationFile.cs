using System.Text.Json;

namespace Posthouse.Cli.Hosting;

/// <summary>Reads one configuration file: JSON with comments and trailing commas, every value with its line.</summary>
internal sealed class ConfigurationFile
{
    /// <summary>Far more than a person writes; a larger file is some other file.</summary>
    private const int MaxBytes = 1 << 20;

    private readonly byte[] _json;
    private readonly string _path;
    private readonly bool _isProject;
    private readonly List<GivenValue> _values = [];
    private int _line = 1;
    private int _counted;

    private ConfigurationFile(byte[] json, string path, bool isProject)
    {
        _json = json;
        _path = path;
        _isProject = isProject;
    }

    /// <summary>The file's values; none if there is no such file.</summary>
    /// <exception cref="PosthouseException"><c>OPTIONS_INVALID</c>: it cannot be read, is too large or is not JSON.</exception>
    public static IReadOnlyList<GivenValue> Read(string? path, bool isProject)
    {
        if (path is null || !File.Exists(path)) { return []; }

        try
        {
            if (new FileInfo(path).Length > MaxBytes) { throw Invalid($"{path} is larger than {MaxBytes} bytes; a configuration file is short"); }
            return Parse(File.ReadAllBytes(path), path, isProject);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Invalid($"{path} cannot be read: {error.Message}", error);
        }
    }

    internal static IReadOnlyList<GivenValue> Parse(ReadOnlySpan<byte> json, string path, bool isProject)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        var file = new ConfigurationFile((json.StartsWith(mark) ? json[mark.Length..] : json).ToArray(), path, isProject);
        try
        {
            file.ReadRoot();
        }
        catch (JsonException error)
        {
            throw Invalid($"{path}:{error.LineNumber + 1} is not valid JSON: {error.Message.Split(" LineNumber:")[0].TrimEnd('.')}", error);
        }

        return file._values;
    }

    private void ReadRoot()
    {
        var reader = new Utf8JsonReader(_json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) { throw Invalid($"{_path} must hold one object: {{ \"Key\": value }}"); }
        ReadObject(ref reader, "");

        // Reading on finds what does not belong behind the object.
        while (reader.Read()) { }
    }

    private void ReadObject(ref Utf8JsonReader reader, string name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var inner = name.Length == 0 ? reader.GetString()! : $"{name}:{reader.GetString()}";
            reader.Read();
            ReadValue(ref reader, inner);
        }
    }

    private void ReadArray(ref Utf8JsonReader reader, string name)
    {
        var source = Source(reader);
        var index = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) { ReadValue(ref reader, $"{name}:{index++}"); }
        if (index == 0) { _values.Add(new GivenValue(name, null, source, _isProject)); }
    }

    private void ReadValue(ref Utf8JsonReader reader, string name)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                ReadObject(ref reader, name);
                break;
            case JsonTokenType.StartArray:
                ReadArray(ref reader, name);
                break;
            case JsonTokenType.Null:
                break; // Says the same as leaving the key out.
            default:
                AddScalar(reader, name);
                break;
        }
    }

    private void AddScalar(in Utf8JsonReader reader, string name)
    {
        var source = Source(reader);
        if (_values.Find(value => value.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } first)
        {
            throw Invalid($"{name} is given twice: {first.Source} and {source}; keep one");
        }

        var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
        _values.Add(new GivenValue(name, text, source, _isProject));
    }

    private string Source(in Utf8JsonReader reader)
    {
        var position = (int)reader.TokenStartIndex;
        _line += _json.AsSpan(_counted, position - _counted).Count((byte)'\n');
        _counted = position;
        return $"{_path}:{_line}";
    }

    private static PosthouseException Invalid(string message, Exception? inner = null) => new(ErrorCodes.OptionsInvalid, message, inner);
}
