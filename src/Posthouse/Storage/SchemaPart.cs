namespace Posthouse.Storage;

/// <summary>
/// The tables of one room. A store applies the migrations in order and remembers how many it has applied; a
/// migration that was released is never changed, a new one is added behind it.
/// </summary>
/// <param name="Name">The room's name, unique in a database, for example <c>jobs</c>.</param>
/// <param name="Migrations">
/// The migrations in order, each in the two dialects; one text may hold several statements. Their count is the part's version.
/// </param>
/// <param name="Tables">The part's tables in the order in which a copy into another store must write them.</param>
public sealed record SchemaPart(
    string Name,
    IReadOnlyList<(string Sqlite, string Postgres)> Migrations,
    IReadOnlyList<string> Tables)
{
    /// <summary>The version that a database has when all migrations are applied.</summary>
    public int Version => Migrations.Count;
}
