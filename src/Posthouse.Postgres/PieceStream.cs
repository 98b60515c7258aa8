using Npgsql;
using NpgsqlTypes;
using Posthouse.Files;

namespace Posthouse.Postgres;

/// <summary>
/// Reads a file piece by piece, each in a statement of its own: no transaction stays open while a reader takes its time. A copy that is
/// replaced meanwhile by another of the same bytes has the same pieces.
/// </summary>
internal sealed class PieceStream(string connectionString, string hash, long length) : ForwardStream
{
    private const string Piece = "SELECT bytes FROM vault_copy JOIN vault_piece USING (copy) WHERE hash = $1 AND part = $2";

    private byte[] _piece = [];
    private int _taken;

    public override long Length => length;

    public override int Read(Span<byte> buffer)
    {
        if (NeedsPiece(buffer.Length))
        {
            using var connection = new NpgsqlConnection(connectionString);
            Had(Guarded(() =>
            {
                connection.Open();
                using var command = Next(connection);
                return (byte[]?)command.ExecuteScalar();
            }));
        }

        return Hand(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (NeedsPiece(buffer.Length))
        {
            await using var connection = new NpgsqlConnection(connectionString);
            try
            {
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                await using var command = Next(connection);
                Had((byte[]?)await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false));
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                throw PostgresErrors.From(e);
            }
        }

        return Hand(buffer.Span);
    }

    private static T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            throw PostgresErrors.From(e);
        }
    }

    private bool NeedsPiece(int wanted) => wanted > 0 && _taken == _piece.Length && Handed < length;

    private NpgsqlCommand Next(NpgsqlConnection connection) => new(Piece, connection)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = hash, NpgsqlDbType = NpgsqlDbType.Text },
            new NpgsqlParameter<long> { TypedValue = Handed / PostgresVault.PieceBytes, NpgsqlDbType = NpgsqlDbType.Bigint },
        },
    };

    private void Had(byte[]? piece) => (_piece, _taken) =
        (piece ?? throw new PosthouseException(ErrorCodes.FileDamaged, $"The stored file {hash} cannot be read any more: the database has not all of it."), 0);

    private int Hand(Span<byte> buffer)
    {
        var handed = Math.Min(buffer.Length, _piece.Length - _taken);
        _piece.AsSpan(_taken, handed).CopyTo(buffer);
        (_taken, Handed) = (_taken + handed, Handed + handed);
        return handed;
    }
}
