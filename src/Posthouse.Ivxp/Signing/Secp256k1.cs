namespace Posthouse.Ivxp.Signing;

/// <summary>Chooses who does the arithmetic on secp256k1.</summary>
public static class Secp256k1
{
    /// <summary>The system's libsecp256k1 if it is installed (ten times as fast), else the managed curve. Chosen once per process.</summary>
    public static ISecp256k1 Best { get; } = NativeSecp256k1.TryLoad() is { } native ? native : new ManagedSecp256k1();
}
