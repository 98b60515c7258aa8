using System.Globalization;
using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>
/// Whether nodes with this one's settings believe what it says. A provider serves its own prices in any case, so that it would never notice
/// that nobody else takes them.
/// </summary>
internal sealed class OwnStanding
{
    private readonly Certificate? _held;
    private readonly string? _doubt;

    /// <summary>Reads the node's certificate, where it has one.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it is for another node or another mesh, or none.</exception>
    public OwnStanding(MeshOptions options, PublicKey own)
    {
        var operators = options.Operators.Select(written => PublicKey.TryParse(written, out var key) ? key : null).OfType<PublicKey>().ToLookup(key => key.Id);
        var certify = $"'posthouse mesh certify {own} --operator-key FILE --set Mesh:Network={options.Network}'";
        Certificate? certificate = null;
        if (options.CertificateFile is { } file)
        {
            certificate = CertificateText.Read(file, own);
            var digest = SignedBytes.OfCertificate(NetworkId.Of(options.Network), own, certificate);
            if (operators[certificate.Operator].FirstOrDefault() is { } key && !new EcdsaSignatures().IsSigned(key, digest, certificate.Signature.Span))
            {
                throw new PosthouseException(ErrorCodes.OptionsInvalid,
                    $"The certificate {file} does not hold in the mesh '{options.Network}': it was made for another one, or altered. Make it with {certify}.");
            }
        }

        _held = options.Trust == TrustMode.Operator ? certificate : null;
        _doubt = options.Banned.Contains(own.Id) ? "Mesh:Banned names this node itself"
            : options.Trust == TrustMode.AllowList && !options.Providers.Contains(own.Id) ? $"Mesh:Providers does not name this node, {own.Id}"
            : options.Trust != TrustMode.Operator ? null
            : certificate is null ? $"it has no Mesh:CertificateFile; {certify} makes one"
            : !operators.Contains(certificate.Operator) ? $"the operator that made its certificate, {certificate.Operator}, is none of Mesh:Operators"
            : null;
    }

    /// <summary>A sentence on why nobody believes this node's prices; null: there is no reason known here.</summary>
    public string? Doubt(DateTimeOffset now)
    {
        var why = _doubt ?? (_held is not { } held ? null
            : now > held.NotAfter ? $"its certificate ended on {Day(held.NotAfter)}"
            : now < held.NotBefore ? $"its certificate begins on {Day(held.NotBefore)}"
            : null);
        return why is null ? null : $"No node with the settings of this one believes its prices: {why}.";
    }

    private static string Day(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
