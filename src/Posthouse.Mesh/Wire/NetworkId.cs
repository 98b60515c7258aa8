using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Posthouse.Mesh.Wire;

/// <summary>Which mesh a message is for: the first 16 bytes of the SHA-256 of the mesh's name.</summary>
internal readonly record struct NetworkId(UInt128 Value)
{
    /// <summary>Characters of a mesh's name.</summary>
    public const int NameChars = 64;

    /// <summary>The id of a mesh.</summary>
    /// <param name="name">1 to 64 of <c>a-z 0-9 . _ -</c>.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: no such name can be.</exception>
    public static NetworkId Of(string name)
    {
        if (!WireText.IsName(name, NameChars))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{name}' is no name of a mesh: write 1 to {NameChars} of a-z, 0-9, '.', '_' and '-'.");
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(name), digest);
        return Read(digest);
    }

    /// <summary>Reads an id.</summary>
    public static NetworkId Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Writes the id.</summary>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
