using System.Security.Cryptography;
using System.Text;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Mesh.Hosting;

/// <summary>The token that routes which change something demand, as <c>Authorization: Bearer</c> (RFC 6750).</summary>
internal sealed class OperatorToken
{
    /// <summary>Its file in the node's folder, where no other is configured.</summary>
    public const string FileName = "operator.token";

    private const int Bytes = 32;
    private const string Scheme = "Bearer ";

    private readonly byte[] _digest;

    private OperatorToken(string token) => _digest = Digest(token);

    /// <summary>Where the token of a node is.</summary>
    public static string PathOf(MeshOptions options) => options.TokenFile ?? Path.Combine(options.Folder, FileName);

    /// <summary>The token of a node; it is made where there is none.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="ids">Chance, of which a new one is made.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: other users may read its file, or the file is empty.</exception>
    public static OperatorToken Open(MeshOptions options, IIds ids)
    {
        var path = PathOf(options);
        if (!File.Exists(path))
        {
            Durable.CreatePrivateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var secret = new byte[Bytes];
            ids.Fill(secret);
            Durable.WriteAllBytesAtomically(path, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret) + "\n"));
        }

        if (!Durable.IsPrivate(path))
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"Other users may read or change the token file {path}. Run 'chmod 600 {path}' and start again.");
        var token = File.ReadAllText(path).Trim();
        return token.Length > 0 ? new(token) : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The token file {path} is empty. Delete it, and a new one is made.");
    }

    /// <summary>Whether an Authorization header carries it. The comparison takes as long for a near miss as for a far one.</summary>
    public bool IsIn(string? authorization)
    {
        var given = authorization ?? "";
        return given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && CryptographicOperations.FixedTimeEquals(Digest(given[Scheme.Length..].Trim()), _digest);
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
