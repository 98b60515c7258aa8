using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>What all servers of one store have to agree on, as the first of them wrote it down.</summary>
internal static class StationFacts
{
    /// <summary>The wallet that they sell with.</summary>
    public const string Wallet = "wallet";

    /// <summary>The store's own name, which its shared folder bears.</summary>
    public const string Name = "name";

    /// <summary>That a store is being moved here, and which.</summary>
    public const string Moving = "moving";

    /// <summary>Where files are: <see cref="SharedFolder.InFolder"/> or <see cref="SharedFolder.InStore"/>; nothing before the first server has started.</summary>
    public const string Files = "files";

    private const string Table = "CREATE TABLE station_fact (name TEXT PRIMARY KEY, value TEXT NOT NULL)";

    /// <summary>The table.</summary>
    public static SchemaPart Schema { get; } = new("station", [(Table, Table)], ["station_fact"]);

    public static string? Find(IRead read, string name) => read.QueryFirst("SELECT value FROM station_fact WHERE name = $1", row => row.Text(0), name);

    /// <summary>Whether files and results of the store lie in a shared folder; also of a store that no such fact was ever noted in.</summary>
    public static bool FilesAreInFolder(IRead read) =>
        read.Scalar("SELECT count(*) FROM schema_part WHERE name = $1", Schema.Name) > 0 && Find(read, Files) == SharedFolder.InFolder;

    public static void Note(IWrite write, string name, string value) =>
        write.Execute("INSERT INTO station_fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value);
}
