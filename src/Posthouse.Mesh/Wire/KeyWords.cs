namespace Posthouse.Mesh.Wire;

/// <summary>Changes of keys as text, so that files keep several in their order: each as it was signed, in Base64, on a line.</summary>
internal static class KeyWords
{
    /// <summary>Writes changes.</summary>
    public static string Write(IEnumerable<SignedFrame> changes) =>
        string.Concat(changes.Select(change => Convert.ToBase64String(change.Envelope.Frame.Span) + "\n"));

    /// <summary>Reads them; what is none is left out. They are not checked.</summary>
    public static List<SignedFrame> Read(string text)
    {
        var changes = new List<SignedFrame>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var bytes = new byte[line.Length];
            if (Convert.TryFromBase64String(line, bytes, out var length) && Read(bytes.AsMemory(0, length)) is { } change)
                changes.Add(change);
        }

        return changes;
    }

    /// <summary>Reads one; null: it is none.</summary>
    public static SignedFrame? Read(ReadOnlyMemory<byte> signed) =>
        FrameCodec.TryDecode(signed, out var frame) == Refusal.None && frame is SignedFrame { Content: KeyChangeContent } change ? change : null;
}
