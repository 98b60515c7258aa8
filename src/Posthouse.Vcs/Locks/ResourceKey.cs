using System.Security.Cryptography;
using System.Text;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// What can be locked: a path of the project, or the whole of it. Two spellings that one file system takes for the same file
/// (letter case, composed or decomposed accents) are one resource, so that two people never hold "different" locks on it.
/// </summary>
public readonly record struct ResourceKey
{
    /// <summary>The path that stands for the whole project.</summary>
    public const string WholeProject = ".";

    /// <summary>Longest path in bytes of UTF-8: what every common file system takes.</summary>
    public const int MaxPathBytes = 4_096;

    private ResourceKey(string path, string hex) => (Path, Hex) = (path, hex);

    /// <summary>The path as the person wrote it, relative to the project's root, with <c>/</c> between its parts.</summary>
    public string Path { get; }

    /// <summary>40 hexadecimal digits: the key's name on the remote, flat, so that no key is a folder of another.</summary>
    public string Hex { get; }

    /// <summary>The key of a path.</summary>
    /// <param name="path">Relative to the project's root; <c>.</c> or empty for the whole project; <c>\</c> counts as <c>/</c>.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: absolute, outside of the project, too long, or with a NUL or a line break.</exception>
    public static ResourceKey Of(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var parts = new List<string>();
        foreach (var part in path.Replace('\\', '/').Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part == "..")
                throw Refused(path, "it leaves the project");
            parts.Add(part);
        }

        // Elsewhere "A: Verse.wav" is a name like any other, and so is a folder "C:".
        var hasDrive = System.IO.Path.DirectorySeparatorChar == '\\' && path is [_, ':', ..] && char.IsAsciiLetter(path[0]) && (path.Length == 2 || path[2] is '/' or '\\');
        if (path.StartsWith('/') || path.StartsWith('\\') || hasDrive)
            throw Refused(path, "it is absolute; give it relative to the project's root");
        if (path.AsSpan().ContainsAny('\0', '\n', '\r') || Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
            throw Refused(path, "it has a line break or is longer than a file system takes");

        var shown = parts.Count == 0 ? WholeProject : Composition.Compose(string.Join('/', parts));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes("v1\n" + Folded(shown)));
        return new ResourceKey(shown, Convert.ToHexStringLower(hash)[..40]);
    }

    /// <summary>The key of a register whose record nobody here can read: its path is not known, so its digits stand for it.</summary>
    internal static ResourceKey Unreadable(string hex) => new(hex, hex);

    /// <summary>Whether a lock of this is one of the path, too: it is the path, a folder above it, or the whole project.</summary>
    /// <param name="path">As Git or a person spells it, with <c>/</c> between its parts.</param>
    internal bool Covers(string path)
    {
        if (Path == WholeProject)
            return true;
        var (own, other) = (Folded(Path), Folded(path));
        return other == own || other.StartsWith(own + '/', StringComparison.Ordinal);
    }

    /// <summary>Whether one of two holders would work in what the other one has.</summary>
    internal bool Overlaps(ResourceKey other) => Covers(other.Path) || other.Covers(Path);

    /// <summary>The path.</summary>
    public override string ToString() => Path;

    /// <summary>Keys are equal when they name the same resource, however it was spelled.</summary>
    public bool Equals(ResourceKey other) => Hex == other.Hex;

    /// <inheritdoc/>
    public override int GetHashCode() => Hex?.GetHashCode(StringComparison.Ordinal) ?? 0;

    private static string Folded(string path) => Composition.Compose(path.ToUpperInvariant().ToLowerInvariant());

    private static PosthouseException Refused(string path, string why) => new(ErrorCodes.OptionsInvalid, $"'{path}' cannot be locked: {why}.");
}
