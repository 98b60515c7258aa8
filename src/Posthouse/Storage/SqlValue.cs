namespace Posthouse.Storage;
/// <summary>A parameter of a statement.</summary>
public readonly struct SqlValue
{
    /// <summary>From an integer.</summary>
    public static implicit operator SqlValue(long value) => default;
    /// <summary>From an integer.</summary>
    public static implicit operator SqlValue(long? value) => default;
    /// <summary>From text.</summary>
    public static implicit operator SqlValue(string? value) => default;
    /// <summary>From bytes.</summary>
    public static implicit operator SqlValue(byte[]? value) => default;
}
