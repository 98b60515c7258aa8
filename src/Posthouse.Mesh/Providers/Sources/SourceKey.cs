using Posthouse.Storage;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>
/// A vendor's key. It can be sent and it can be taken out of a text; nothing else can be had of it, and nothing that prints it does.
/// </summary>
public sealed class SourceKey
{
    /// <summary>Fewer characters are no key, and could not be taken out of a text without hurting it.</summary>
    public const int MinChars = 8;

    /// <summary>More characters do not fit into what servers take as one header field.</summary>
    public const int MaxChars = 4_096;

    private readonly string _text;

    private SourceKey(string text) => _text = text;

    /// <summary>A key that an operator has handed over.</summary>
    /// <param name="text">8 to 4,096 printable ASCII characters; white space around it is dropped.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it cannot be one.</exception>
    public static SourceKey Of(string? text) => Make(text, "The key that was handed over");

    /// <summary>The key that stands in a file which no other user may read.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: there is no such file, others may read it, or it holds no key.</exception>
    public static SourceKey FromFile(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw Unusable($"There is no key file {path}.");
        if (!Durable.IsPrivate(path))
            throw Unusable($"Other users may read or change the key file {path}. Run 'chmod 600 {path}' and start again.");
        if (file.Length > MaxChars + 2)
            throw Unusable($"The key file {path} is longer than a key.");
        return Make(File.ReadAllText(path), $"The key file {path}");
    }

    /// <summary>The key that stands in an environment variable.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it is not set, or holds no key.</exception>
    public static SourceKey FromEnvironment(string name) => Make(Environment.GetEnvironmentVariable(name), $"The environment variable {name}");

    /// <summary>Three asterisks.</summary>
    public override string ToString() => "***";

    /// <summary>A text without the key.</summary>
    internal string Redact(string text) => text.Replace(_text, ToString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>Puts the key in the place of <paramref name="placeholder"/>, to be sent and for nothing else.</summary>
    internal string PutInto(string template, string placeholder) => template.Replace(placeholder, _text, StringComparison.Ordinal);

    private static SourceKey Make(string? text, string where)
    {
        var trimmed = text?.Trim() ?? "";
        if (trimmed.Length is < MinChars or > MaxChars || trimmed.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw Unusable($"{where} holds no key: 8 to 4,096 printable characters without spaces are needed.");
        return new SourceKey(trimmed);
    }

    private static PosthouseException Unusable(string message) => new(ErrorCodes.OptionsInvalid, message);
}
