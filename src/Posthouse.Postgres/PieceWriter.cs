using System.Security.Cryptography;
using Posthouse.Files;

namespace Posthouse.Postgres;

/// <summary>Writes a copy of a file in pieces of one size, so that every copy of the same bytes has the same pieces.</summary>
internal sealed class PieceWriter(PostgresDatabase database, string copy)
{
    private readonly byte[] _piece = new byte[PostgresVault.PieceBytes];
    private int _filled;
    private long _part;

    /// <summary>Writes the whole file, and answers what it is.</summary>
    public StoredFile Write(SourceFile source, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        database.Execute($"INSERT INTO vault_copy (copy, size, touched_at) VALUES ($1, $2, {PostgresVault.Now})", copy, source.Length);
        source.ReadAll(
            read =>
            {
                hash.AppendData(read);
                Take(read);
            },
            cancellationToken);
        Flush();
        return new StoredFile(Convert.ToHexStringLower(hash.GetHashAndReset()), source.Length);
    }

    private void Take(ReadOnlySpan<byte> read)
    {
        while (read.Length > 0)
        {
            var taken = Math.Min(read.Length, _piece.Length - _filled);
            read[..taken].CopyTo(_piece.AsSpan(_filled));
            _filled += taken;
            read = read[taken..];
            if (_filled == _piece.Length)
            {
                Flush();
            }
        }
    }

    private void Flush()
    {
        if (_filled == 0)
        {
            return;
        }

        database.Execute($"""
            WITH touched AS (UPDATE vault_copy SET touched_at = {PostgresVault.Now} WHERE copy = $1 AND touched_at > 0)
            INSERT INTO vault_piece (copy, part, bytes) VALUES ($1, $2, $3)
            """, copy, _part, new ReadOnlyMemory<byte>(_piece, 0, _filled));
        (_part, _filled) = (_part + 1, 0);
    }
}
