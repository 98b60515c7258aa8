namespace Posthouse.Mesh.Providers.Sources;

/// <summary>Where each column of a price file stands.</summary>
internal sealed class ReplayColumns
{
    /// <summary>The columns that may be missing, for people.</summary>
    public const string Optional = "chain, change_24h, venue, fault";

    private static readonly string[] _names = ["time", "asset", "price", "chain", "change_24h", "venue", "fault"];
    private const int Required = 3;
    private readonly int[] _at;

    private ReplayColumns(int[] at, int count) => (_at, Count) = (at, count);

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Reads the header line; null: a column is missing, unknown or named twice.</summary>
    public static ReplayColumns? Of(string[] header)
    {
        var at = Array.ConvertAll(_names, name => Array.IndexOf(header, name));
        return Array.IndexOf(at, -1, 0, Required) < 0 && at.Count(place => place >= 0) == header.Length ? new ReplayColumns(at, header.Length) : null;
    }

    /// <summary>The field of a row; empty, where there is no such column.</summary>
    public string Time(string[] row) => Field(row, 0);

    /// <inheritdoc cref="Time"/>
    public string Asset(string[] row) => Field(row, 1);

    /// <inheritdoc cref="Time"/>
    public string Price(string[] row) => Field(row, 2);

    /// <inheritdoc cref="Time"/>
    public string Chain(string[] row) => Field(row, 3);

    /// <inheritdoc cref="Time"/>
    public string Change(string[] row) => Field(row, 4);

    /// <inheritdoc cref="Time"/>
    public string Venue(string[] row) => Field(row, 5);

    /// <inheritdoc cref="Time"/>
    public string Fault(string[] row) => Field(row, 6);

    private string Field(string[] row, int column) => _at[column] < 0 ? "" : row[_at[column]];
}
