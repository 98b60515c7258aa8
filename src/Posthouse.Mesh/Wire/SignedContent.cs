namespace Posthouse.Mesh.Wire;

/// <summary>What somebody signed, without who and when: those stand in the <see cref="Envelope"/>.</summary>
internal abstract record SignedContent
{
    /// <summary>The type of the frame.</summary>
    public abstract FrameType Type { get; }

    /// <summary>Writes the fields that follow the envelope's.</summary>
    public abstract void Write(ref FrameWriter writer);
}
