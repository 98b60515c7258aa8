using System.Runtime.InteropServices;

namespace Posthouse.Storage;

#pragma warning disable CA1720 // The kinds are named as SQL and IRow name them.

/// <summary>Which of the four kinds a <see cref="SqlValue"/> is: the kinds that every store speaks.</summary>
public enum SqlKind
{
    /// <summary>No value.</summary>
    Null,

    /// <summary>A signed 64-bit integer; truth is stored as 0 and 1.</summary>
    Integer,

    /// <summary>Unicode text.</summary>
    Text,

    /// <summary>Bytes.</summary>
    Bytes,
}

/// <summary>
/// One argument of a statement. A value converts by itself from what a room has in hand, so that a call reads
/// <c>write.Execute(sql, id, now, payload)</c>; nothing is boxed on the way.
/// </summary>
public readonly struct SqlValue : IEquatable<SqlValue>
{
    private readonly object? _reference;
    private readonly long _number; // The integer itself; for bytes the offset in the high half and the length in the low half.

    private SqlValue(SqlKind kind, long number, object? reference)
    {
        Kind = kind;
        _number = number;
        _reference = reference;
    }

    /// <summary>SQL's NULL, which is also the default of this type.</summary>
    public static SqlValue Null => default;

    /// <summary>What the value is.</summary>
    public SqlKind Kind { get; }

    /// <summary>The integer.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public long Int64 => Kind == SqlKind.Integer ? _number : throw NotA(SqlKind.Integer);

    /// <summary>The text.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public string Text => Kind == SqlKind.Text ? (string)_reference! : throw NotA(SqlKind.Text);

    /// <summary>The bytes, not copied.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public ReadOnlyMemory<byte> Bytes => Kind == SqlKind.Bytes
        ? new ReadOnlyMemory<byte>((byte[])_reference!, (int)(_number >> 32), (int)_number)
        : throw NotA(SqlKind.Bytes);

    /// <summary>An integer.</summary>
    public static implicit operator SqlValue(long value) => new(SqlKind.Integer, value, null);

    /// <summary>An integer.</summary>
    public static implicit operator SqlValue(int value) => new(SqlKind.Integer, value, null);

    /// <summary>Truth, stored as 1 or 0.</summary>
    public static implicit operator SqlValue(bool value) => new(SqlKind.Integer, value ? 1 : 0, null);

    /// <summary>An integer, or NULL.</summary>
    public static implicit operator SqlValue(long? value) => value is { } number ? number : Null;

    /// <summary>Text, or NULL.</summary>
    public static implicit operator SqlValue(string? value) => value is null ? Null : new(SqlKind.Text, 0, value);

    /// <summary>Bytes, or NULL. The array is not copied: leave it as it is until the call has returned.</summary>
    public static implicit operator SqlValue(byte[]? value) => value is null ? Null : new SqlValue(SqlKind.Bytes, value.Length, value);

    /// <summary>Bytes, never NULL: empty memory is an empty value.</summary>
    public static implicit operator SqlValue(ReadOnlyMemory<byte> value) =>
        MemoryMarshal.TryGetArray(value, out var part)
            ? new SqlValue(SqlKind.Bytes, ((long)part.Offset << 32) | (uint)part.Count, part.Array ?? Array.Empty<byte>())
            : value.ToArray(); // Memory that no array stands behind (a native buffer) is the rare case and pays a copy.

    /// <summary>Same kind and same content.</summary>
    public static bool operator ==(SqlValue left, SqlValue right) => left.Equals(right);

    /// <summary>Another kind or other content.</summary>
    public static bool operator !=(SqlValue left, SqlValue right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(SqlValue other) => Kind == other.Kind && Kind switch
    {
        SqlKind.Null => true,
        SqlKind.Integer => _number == other._number,
        SqlKind.Text => Text == other.Text,
        _ => Bytes.Span.SequenceEqual(other.Bytes.Span),
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SqlValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Kind switch
    {
        SqlKind.Integer => _number.GetHashCode(),
        SqlKind.Text => Text.GetHashCode(StringComparison.Ordinal),
        SqlKind.Bytes => Bytes.Length,
        _ => 0,
    };

    /// <summary>For logs and debuggers: bytes appear by their length only, since they may hold a secret.</summary>
    public override string ToString() => Kind switch
    {
        SqlKind.Integer => _number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        SqlKind.Text => Text,
        SqlKind.Bytes => $"{Bytes.Length} bytes",
        _ => "NULL",
    };

    private InvalidOperationException NotA(SqlKind wanted) => new($"The value is {Kind}, not {wanted}.");
}
