using System.Buffers.Binary;

namespace Posthouse.Mesh.Wire;

/// <summary>What a provider says of itself. Numbers travel and are append-only.</summary>
internal enum ProviderState : byte
{
    /// <summary>It fetches.</summary>
    Active = 0,

    /// <summary>It lives, but its last fetch failed: others need not wait for it.</summary>
    Degraded = 1,

    /// <summary>It is about to say goodbye.</summary>
    Leaving = 2,

    /// <summary>It has a source and fetches only while nobody else does.</summary>
    Standby = 3,
}

/// <summary>A provider lives.</summary>
/// <param name="State">What it says of itself.</param>
/// <param name="NextSlot">The next slot that it means to fetch in.</param>
/// <param name="AssetsHash">Says whether two providers read the same assets.</param>
/// <param name="Budget">What is left of its budget of calls, in thousandths.</param>
/// <param name="Health">How well it served lately, 0 to 100.</param>
/// <param name="UpSeconds">For how long its process has run.</param>
internal sealed record BeaconContent(ProviderState State, ulong NextSlot, ulong AssetsHash, int Budget, int Health, ulong UpSeconds) : SignedContent
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.ProviderBeacon;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer)
    {
        writer.Byte((byte)State);
        writer.Varint(NextSlot);
        BinaryPrimitives.WriteUInt64BigEndian(writer.Room(sizeof(ulong)), AssetsHash);
        writer.Varint((ulong)Budget);
        writer.Byte((byte)Health);
        writer.Varint(UpSeconds);
    }

    internal static BeaconContent Read(ref FrameReader reader)
    {
        var state = (ProviderState)reader.Byte((byte)ProviderState.Standby, Refusal.UnknownChoice);
        var slot = reader.Varint();
        var hash = reader.Bytes(sizeof(ulong));
        return new BeaconContent(state, slot, hash.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(hash),
            (int)reader.Varint(MeshProtocol.MaxPermille), reader.Byte(MeshProtocol.MaxHealth, Refusal.NumberTooLarge), reader.Varint());
    }
}

/// <summary>Why a provider leaves. Numbers travel and are append-only.</summary>
internal enum GoodbyeReason : byte
{
    /// <summary>Its process ends.</summary>
    Stopping = 0,

    /// <summary>It goes on as a plain node.</summary>
    Disabled = 1,

    /// <summary>It stood in while no other provider lived, and one does again.</summary>
    StoodIn = 2,
}

/// <summary>A provider leaves: no failure, and no reason to wait.</summary>
/// <param name="Reason">Why.</param>
internal sealed record GoodbyeContent(GoodbyeReason Reason) : SignedContent
{
    /// <inheritdoc/>
    public override FrameType Type => FrameType.Goodbye;

    /// <inheritdoc/>
    public override void Write(ref FrameWriter writer) => writer.Byte((byte)Reason);

    internal static GoodbyeContent Read(ref FrameReader reader) => new((GoodbyeReason)reader.Byte((byte)GoodbyeReason.StoodIn, Refusal.UnknownChoice));
}
