using System.Globalization;

namespace Posthouse.Tests.Simulation.Kernel;

/// <summary>
/// What happened, as one number (always) and as text (when asked). Two runs of one seed must give the same number;
/// a difference means that something outside the seed had a say.
/// </summary>
internal sealed class SimTrace(bool keepsText)
{
    private const ulong FnvOffset = 14695981039346656037UL;
    private const ulong FnvPrime = 1099511628211UL;

    private readonly List<string> _lines = [];

    /// <summary>FNV-1a over every event and mark so far.</summary>
    public ulong Hash { get; private set; } = FnvOffset;

    /// <summary>The marks as text; empty unless the run keeps text.</summary>
    public IReadOnlyList<string> Lines => _lines;

    public void Mix(long value)
    {
        var hash = Hash;
        for (var shift = 0; shift < 64; shift += 8)
            hash = unchecked((hash ^ (byte)(value >> shift)) * FnvPrime);
        Hash = hash;
    }

    public void Mark(TimeSpan at, string who, string text)
    {
        var hash = Hash;
        foreach (var letter in text)
            hash = unchecked((hash ^ letter) * FnvPrime);
        Hash = hash;
        if (keepsText)
            _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,12:F6} {who,-12} {text}"));
    }
}
