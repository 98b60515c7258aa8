using System.Security.Cryptography;

namespace Posthouse.Files;

/// <summary>Reads a stored file from begin to end and refuses to hand out its last bytes when the whole is not what its hash says.</summary>
internal sealed class VerifyingStream(Stream file, string hash) : ForwardStream
{
    private readonly IncrementalHash _seen = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly long _length = file.Length;
    private bool _verified;

    public override long Length => _length;

    public override int Read(Span<byte> buffer) => Check(buffer, file.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await file.ReadAsync(buffer, cancellationToken);
        return Check(buffer.Span, read);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _seen.Dispose();
            file.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Check(Span<byte> buffer, int read)
    {
        _seen.AppendData(buffer[..read]);
        Handed += read;

        // At the known length too, for a reader that counts bytes never asks for the end.
        if (!_verified && (Handed >= _length || (read == 0 && buffer.Length > 0)))
        {
            _verified = Convert.ToHexStringLower(_seen.GetCurrentHash()) == hash;
            if (!_verified)
            {
                buffer.Clear();
                throw new PosthouseException(ErrorCodes.FileDamaged, $"The stored file {hash} is damaged: its bytes are not those that were put there.");
            }
        }

        return read;
    }
}
