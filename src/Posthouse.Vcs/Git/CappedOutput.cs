using System.Buffers;

namespace Posthouse.Vcs.Git;

/// <summary>Standard output of a run, up to a limit.</summary>
internal sealed class CappedOutput(int most)
{
    private readonly ArrayBufferWriter<byte> _kept = new();
    private readonly Lock _gate = new();

    /// <summary>What was read so far.</summary>
    public byte[] Bytes
    {
        get
        {
            lock (_gate)
                return _kept.WrittenSpan.ToArray();
        }
    }

    /// <summary>Reads to the end.</summary>
    /// <returns>Whether all of it was within the limit; reading stops where it is not.</returns>
    public async Task<bool> ReadAsync(Stream stream)
    {
        var piece = new byte[16 << 10];
        for (int read; (read = await stream.ReadAsync(piece)) > 0;)
        {
            lock (_gate)
            {
                if (read > most - _kept.WrittenCount)
                    return false;
                _kept.Write(piece.AsSpan(0, read));
            }
        }

        return true;
    }
}
