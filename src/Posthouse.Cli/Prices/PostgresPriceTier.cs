using System.Data;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Prices;
using Posthouse.Mesh.Wire;
using Posthouse.Postgres;
using Posthouse.Storage;

namespace Posthouse.Cli.Prices;

/// <summary>
/// A tier that nodes share in the database of their station: each provider's newest version of each asset, and each signed message once for as
/// long as one of its prices is the newest. Writers of one mesh come one at a time, and the database decides what is newer. Nothing that is
/// read is believed without its signature; what is not believed is removed.
/// </summary>
internal sealed class PostgresPriceTier : IPriceTier
{
    /// <summary>What was not written anew for so long goes: as Redis has it.</summary>
    private static readonly TimeSpan _retention = TimeSpan.FromDays(7);

    /// <summary>One writes behind, the others read; more would be the mesh's crowd in the orders' database.</summary>
    private const int MaxConnections = 4;

    private const string Tables = """
        CREATE TABLE shared_price (
          network    TEXT NOT NULL,
          asset      TEXT NOT NULL,
          chain      TEXT NOT NULL,
          provider   BYTEA NOT NULL,
          version    BYTEA NOT NULL,                     -- 36 bytes whose order is the order of versions
          update_id  BYTEA NOT NULL,
          written_at TIMESTAMPTZ NOT NULL DEFAULT now(),
          PRIMARY KEY (network, asset, chain, provider)
        );
        CREATE INDEX shared_price_update_of ON shared_price (network, update_id);
        CREATE TABLE shared_price_update (
          network TEXT NOT NULL,
          id      BYTEA NOT NULL,
          signed  BYTEA NOT NULL,
          PRIMARY KEY (network, id)
        )
        """;

    private const string Put = """
        INSERT INTO shared_price (network, asset, chain, provider, version, update_id)
        SELECT $1, given.* FROM unnest($2::TEXT[], $3::TEXT[], $4::BYTEA[], $5::BYTEA[], $6::BYTEA[]) AS given
        ON CONFLICT (network, asset, chain, provider) DO UPDATE SET version = excluded.version, update_id = excluded.update_id, written_at = now()
        WHERE excluded.version > shared_price.version
        """;

    private const string PutMessages = """
        INSERT INTO shared_price_update (network, id, signed) SELECT $1, given.* FROM unnest($2::BYTEA[], $3::BYTEA[]) AS given (id, signed)
        WHERE EXISTS (SELECT 1 FROM shared_price WHERE network = $1 AND update_id = given.id) ON CONFLICT (network, id) DO NOTHING
        """;

    private const string Sweep =
        "DELETE FROM shared_price_update WHERE network = $1 AND NOT EXISTS (SELECT 1 FROM shared_price WHERE shared_price.network = $1 AND update_id = id)";

    private readonly StoredCheck _check;
    private readonly string _network;
    private readonly NpgsqlDataSource _source;

    /// <summary>Names the database; the first call connects.</summary>
    public PostgresPriceTier(string connectionString, string schema, NetworkId network, StoredCheck check)
    {
        var place = PostgresPlace.Of(connectionString, schema);
        (_check, _network) = (check, network.ToString());
        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(place.ConnectionString) { Pooling = true, MinPoolSize = 0, MaxPoolSize = MaxConnections }.ConnectionString);
    }

    /// <summary>The tier's tables, which only this database has.</summary>
    public static SchemaPart Schema { get; } = new("prices", [("", Tables)], ["shared_price", "shared_price_update"]);

    /// <inheritdoc/>
    public string Name => "postgres";

    /// <inheritdoc/>
    public PriceOrigin Origin => PriceOrigin.Postgres;

    /// <inheritdoc/>
    public Task<IReadOnlyList<SignedFrame>> LoadAsync(CancellationToken cancellationToken) => ReadAsync("", [Text(_network)], cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SignedFrame>> ReadAsync(AssetKey key, CancellationToken cancellationToken) =>
        ReadAsync(" AND asset = $2 AND chain = $3", [Text(_network), Text(key.Asset), Text(key.Chain)], cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> WriteAsync(IReadOnlyList<KeptPrice> prices, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await InTurnAsync(connection, cancellationToken);
        var hasAny = await ScalarAsync(connection, "SELECT EXISTS (SELECT 1 FROM shared_price WHERE network = $1)", [Text(_network)], cancellationToken) is true;
        if (prices.Count > 0)
        {
            // Of several versions of one place the newest is enough, and one statement may not meet a row twice.
            var newest = prices.GroupBy(price => (price.Key, price.Provider)).Select(group => group.MaxBy(price => price.Version)!).ToList();
            await ExecuteAsync(connection, Put,
            [
                Text(_network), Texts(newest.Select(price => price.Key.Asset)), Texts(newest.Select(price => price.Key.Chain)), Bytes(newest.Select(price => NodeMemory.Bytes(price.Provider))),
                Bytes(newest.Select(price => VersionBytes.Of(price.Version))), Bytes(newest.Select(price => Id(price.Frame.Envelope.Id))),
            ], cancellationToken);
            var frames = newest.Select(price => price.Frame).DistinctBy(frame => frame.Envelope.Id).ToList();
            await ExecuteAsync(connection, PutMessages,
                [Text(_network), Bytes(frames.Select(frame => Id(frame.Envelope.Id))), Bytes(frames.Select(frame => frame.Envelope.Frame.ToArray()))], cancellationToken);
            await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"DELETE FROM shared_price WHERE network = $1 AND written_at < now() - interval '{_retention.TotalDays} days'"), [Text(_network)], cancellationToken);
            await ExecuteAsync(connection, Sweep, [Text(_network)], cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return !hasAny;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<IReadOnlyList<SignedFrame>> ReadAsync(string which, NpgsqlParameter[] arguments, CancellationToken cancellationToken)
    {
        var (found, untrue, messages) = (new List<StoredRow>(), new List<Field>(), new Dictionary<MessageId, byte[]>());
        await using (var connection = await _source.OpenConnectionAsync(cancellationToken))
        {
            // One state of both tables: a message that is swept in between would make a true row look untrue.
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            await using (var reader = await QueryAsync(connection, $"SELECT asset, chain, provider, version FROM shared_price WHERE network = $1{which}", arguments, cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    var field = new Field(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<byte[]>(3));
                    if (field.Provider.Length == NodeId.Size && VersionBytes.TryRead(field.Version, out var version)) { found.Add(new StoredRow(new AssetKey(field.Asset, field.Chain), NodeId.Read(field.Provider), version, default)); }
                    else { untrue.Add(field); }
                }
            }

            var ids = found.Select(row => row.Version.MessageId).Distinct().ToList();
            await using var signed = await QueryAsync(connection, "SELECT id, signed FROM shared_price_update WHERE network = $1 AND id = ANY($2)", [Text(_network), Bytes(ids.Select(Id))], cancellationToken);
            while (await signed.ReadAsync(cancellationToken)) { messages[MessageId.Read(signed.GetFieldValue<byte[]>(0))] = signed.GetFieldValue<byte[]>(1); }
        }

        var refused = new List<StoredRow>();
        var frames = _check.Read([.. found.Select(row => row with { Signed = messages.GetValueOrDefault(row.Version.MessageId) ?? [] })], refused);
        untrue.AddRange(refused.Select(row => new Field(row.Key.Asset, row.Key.Chain, NodeMemory.Bytes(row.Provider), VersionBytes.Of(row.Version))));
        if (untrue.Count > 0) { await DropAsync(untrue, cancellationToken); }
        return frames;
    }

    /// <summary>Removes what is not believed, unless a true one has come in between.</summary>
    private async Task DropAsync(List<Field> untrue, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await InTurnAsync(connection, cancellationToken);
        foreach (var field in untrue)
        {
            await ExecuteAsync(connection, "DELETE FROM shared_price WHERE network = $1 AND asset = $2 AND chain = $3 AND provider = $4 AND version = $5",
                [Text(_network), Text(field.Asset), Text(field.Chain), Raw(field.Provider), Raw(field.Version)], cancellationToken);
        }

        await ExecuteAsync(connection, Sweep, [Text(_network)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private Task InTurnAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, "SELECT pg_advisory_xact_lock(hashtextextended('posthouse/prices/' || current_schema() || '/' || $1, 0))", [Text(_network)], cancellationToken);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, NpgsqlParameter[] arguments, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, arguments);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, NpgsqlParameter[] arguments, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, arguments);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task<NpgsqlDataReader> QueryAsync(NpgsqlConnection connection, string sql, NpgsqlParameter[] arguments, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql, arguments);
        return await command.ExecuteReaderAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, NpgsqlParameter[] arguments)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(arguments);
        return command;
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Raw(byte[] value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bytea };

    private static NpgsqlParameter Texts(IEnumerable<string> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Bytes(IEnumerable<byte[]> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };

    private static byte[] Id(MessageId id)
    {
        var bytes = new byte[MeshProtocol.MessageIdBytes];
        id.Write(bytes);
        return bytes;
    }

    /// <summary>A row as it stands there, true or not.</summary>
    private sealed record Field(string Asset, string Chain, byte[] Provider, byte[] Version);
}

/// <summary>Opens it for a node.</summary>
internal sealed class PostgresPriceTierFactory(string connectionString, string schema) : IPriceTierFactory
{
    public IPriceTier Open(NetworkId network, StoredCheck check, TimeProvider time) => new PostgresPriceTier(connectionString, schema, network, check);
}
