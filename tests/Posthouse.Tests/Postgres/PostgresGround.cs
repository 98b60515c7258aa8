using System.Text;
using Npgsql;
using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Storage;

namespace Posthouse.Tests.Postgres;

/// <summary>Stores on one new schema of the run's server, with the system's clock, as processes have them.</summary>
internal sealed class PostgresGround : IAsyncDisposable
{
    public static readonly TimeSpan SafetyNet = TimeSpan.FromSeconds(20);

    private readonly List<PostgresJobStore> _stores = [];

    public string Schema { get; } = PostgresServer.NewSchema();

    public static JobDraft Draft(string id, string? lane = null) =>
        new(JobId.Parse(id), "mail.send", 1, Encoding.UTF8.GetBytes($"\"{id}\""), "{}"u8.ToArray()) { Lane = lane };

    /// <summary>One more process on the schema.</summary>
    public PostgresJobStore Open(params IReadOnlyList<SchemaPart> parts) => Open(Options(parts));

    /// <summary>One more process on the schema.</summary>
    public PostgresJobStore Open(PostgresStoreOptions options)
    {
        var store = PostgresJobStore.Open(options, new JobRegistry());
        _stores.Add(store);
        return store;
    }

    public PostgresStoreOptions Options(IReadOnlyList<SchemaPart> parts) => new()
    {
        ConnectionString = PostgresServer.One.ConnectionString,
        Schema = Schema,
        Parts = parts,
        Time = TimeProvider.System,
        Ids = SystemIds.Instance,
    };

    /// <summary>A connection of an application.</summary>
    public static async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(PostgresServer.One.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }
    }
}
