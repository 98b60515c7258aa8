using System.Text;

namespace Posthouse.Mesh.Wire;

/// <summary>A certificate as it stands in a file: the mesh's version, the provider's key, and the certificate as it goes over the wire, in Base64.</summary>
internal static class CertificateText
{
    /// <summary>The text of a certificate.</summary>
    public static string Of(PublicKey provider, Certificate certificate)
    {
        var writer = new FrameWriter();
        try
        {
            writer.Byte(MeshProtocol.Version);
            writer.Bytes(provider.Point);
            Certificate.Write(ref writer, certificate);
            return Convert.ToBase64String(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Reads a node's own certificate.</summary>
    /// <param name="path">The file.</param>
    /// <param name="own">The node's key, which the certificate must be for.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: there is no such file, or it holds no certificate for this key.</exception>
    public static Certificate Read(string path, PublicKey own)
    {
        if (!File.Exists(path))
            throw Unusable($"There is no certificate {path}.");
        var bytes = new byte[MeshProtocol.MaxFrameBytes];
        if (!Convert.TryFromBase64String(File.ReadAllText(path, Encoding.ASCII).Trim(), bytes, out var length))
            throw Unusable($"{path} holds no certificate: 'posthouse mesh certify' writes one.");
        var reader = new FrameReader(bytes.AsMemory(0, length));
        var version = reader.Byte();
        var provider = PublicKey.Read(reader.Bytes(MeshProtocol.KeyBytes));
        var certificate = Certificate.Read(ref reader, MeshProtocol.SchemeP256);
        if (reader.Finish() != Refusal.None || version != MeshProtocol.Version || certificate is null)
            throw Unusable($"{path} holds no certificate: 'posthouse mesh certify' writes one.");
        return provider.Equals(own) ? certificate : throw Unusable($"The certificate {path} is for the node {provider.Id}, and this is {own.Id}.");
    }

    private static PosthouseException Unusable(string message) => new(ErrorCodes.OptionsInvalid, message);
}
