namespace Posthouse.SystemTests.Processes;

/// <summary>
/// A disk with a cache that the power takes away: what was flushed stays, and of everything else each write survives wholly,
/// partly by sectors, or not at all, whatever came before or after it.
/// </summary>
internal sealed class LossyDisk
{
    private const int SectorBytes = 512;

    private readonly Dictionary<string, MemoryStream> _kept = [];
    private readonly List<Traced> _cached = [];
    private readonly Dictionary<string, (string File, int Before)> _flushing = [];

    /// <summary>Whether a flush does what it says; a lying disk shows that a loss is seen.</summary>
    public bool IsHonest { get; set; } = true;

    /// <summary>Does what the process did.</summary>
    public void Do(Traced traced)
    {
        switch (traced)
        {
            case Traced.Write or Traced.Length:
                _cached.Add(traced);
                break;
            case Traced.FlushBegun flush:
                _flushing[flush.Thread] = (flush.File, _cached.Count);
                break;
            case Traced.Flushed flushed when _flushing.Remove(flushed.Thread, out var flush) && IsHonest:
                Keep(flush.File, flush.Before);
                break;
        }
    }

    /// <summary>What is there after a power cut now.</summary>
    public Dictionary<string, MemoryStream> Cut(Random random)
    {
        var files = new Dictionary<string, MemoryStream>();
        foreach (var (name, kept) in _kept)
        {
            files[name] = new MemoryStream();
            kept.WriteTo(files[name]);
        }
        foreach (var write in _cached)
        {
            switch (random.Next(3))
            {
                case 0:
                    Apply(files, write);
                    break;
                case 1 when write is Traced.Write { Bytes: var bytes } torn:
                    for (var at = 0; at < bytes.Length; at += SectorBytes)
                    {
                        if (random.Next(2) == 0)
                            Apply(files, torn with { Offset = torn.Offset + at, Bytes = bytes[at..Math.Min(at + SectorBytes, bytes.Length)] });
                    }
                    break;
            }
        }
        return files;
    }

    private void Keep(string file, int before)
    {
        var flushed = _cached.Take(before).Where(write => FileOf(write) == file).ToHashSet(ReferenceEqualityComparer.Instance);
        foreach (var write in _cached.Where(flushed.Contains))
            Apply(_kept, write);
        _cached.RemoveAll(flushed.Contains);
        // Other flushes that are under way count what they may keep from the beginning.
        foreach (var (thread, flush) in _flushing.ToList())
            _flushing[thread] = (flush.File, Math.Max(0, flush.Before - flushed.Count));
    }

    private static string FileOf(Traced traced) => traced is Traced.Write write ? write.File : ((Traced.Length)traced).File;

    private static void Apply(Dictionary<string, MemoryStream> files, Traced traced)
    {
        var name = FileOf(traced);
        if (!files.TryGetValue(name, out var content))
            files[name] = content = new MemoryStream();
        if (traced is Traced.Write write)
        {
            content.Position = write.Offset;
            content.Write(write.Bytes);
        }
        else
        {
            content.SetLength(((Traced.Length)traced).Bytes);
        }
    }
}
