using System.Text.Json.Serialization;

namespace Posthouse.Mesh.Prices;

/// <summary>How a price came to this node.</summary>
public enum PriceOrigin
{
    /// <summary>Heard as it was published.</summary>
    [JsonStringEnumMemberName("live")]
    Live,

    /// <summary>Fetched from a peer to catch up; it proves nobody's life.</summary>
    [JsonStringEnumMemberName("sync")]
    Sync,

    /// <summary>Read from the shared Redis tier.</summary>
    [JsonStringEnumMemberName("redis")]
    Redis,

    /// <summary>Read from this node's own database.</summary>
    [JsonStringEnumMemberName("db")]
    Db,

    /// <summary>Read from the shared tier in PostgreSQL.</summary>
    [JsonStringEnumMemberName("postgres")]
    Postgres,
}
