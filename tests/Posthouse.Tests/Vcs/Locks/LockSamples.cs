using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Vcs.Locks;

/// <summary>Records with every member set.</summary>
internal static class LockSamples
{
    public static LockOwner John { get; } = new("John Doe", "john@example.org", "john", "laptop", "5f1d0c2b9a7e4831", "0a1b2c3d4e5f6071");

    public static LockOwner Sarah { get; } = new("Sarah Çelik", "sarah@example.org", "sarah", "desktop", "77aa5b3e1c9d2f04", "8899aabbccddeeff");

    public static LockRecord Held { get; } = new()
    {
        Path = "mix/song.logicx",
        State = LockState.Held,
        LockId = "2f6c0a5be1d94738",
        Epoch = 3,
        Seq = 7,
        OpId = "acquire_01jd/7",
        Owner = John,
        AcquiredAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
        RenewedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
        TtlSeconds = 14_400,
        ExpiresAt = new DateTimeOffset(2026, 1, 2, 7, 4, 5, 678, TimeSpan.Zero),
        Base = new LockBase("main", "8c1f7e0d9b2a4c5e6f708192a3b4c5d6e7f80912"),
        HeartbeatSeconds = 600,
        Message = "mixing the bridge – \"take 3\"",
        Previous = new LockPredecessor("91d0c2b7a5e84f36", Sarah),
        Client = "posthouse/1.0.0",
    };
}
