using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Mesh.Wire;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse mesh certify</c>: an operator's word that a node's key belongs to one of its providers.</summary>
internal static class MeshCertifyCommand
{
    /// <summary>The longest that a certificate may hold: who leaves a mesh must not be believed for ever.</summary>
    private const int MaxDays = 3_650;

    public static Command Create(TimeProvider time)
    {
        var key = new Argument<string?>("key") { Description = "The node's public key, as 'posthouse serve' prints it; without it the operator's own key is shown", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string>("--operator-key") { Description = "The file of the operator's key; it is made where it is missing", HelpName = "FILE", Required = true };
        var days = new Option<int>("--days") { Description = "For how long it holds; default 365", HelpName = "N", DefaultValueFactory = _ => 365 };
        var command = new Command("certify", "Signs that a node may provide prices, and prints the certificate for its Mesh:CertificateFile") { key, file, days };
        command.SetAction(parsed =>
        {
            using var operatorKey = EcdsaKey.Open(parsed.GetValue(file)!);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(key) is not { } given)
            {
                output.WriteLine(operatorKey.Public.ToString());
                return ExitCodes.Done;
            }

            if (!PublicKey.TryParse(given, out var provider)) { throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{given}' is no node's key: 'posthouse serve' prints it, SPKI in Base64."); }
            if (parsed.GetValue(days) is var held && held is < 1 or > MaxDays) { throw new PosthouseException(ErrorCodes.OptionsInvalid, string.Create(CultureInfo.InvariantCulture, $"--days is 1 to {MaxDays}.")); }

            var network = NetworkId.Of(CommandLine.Configuration(parsed).Required(MeshKeys.Network));
            var now = time.GetUtcNow();
            // Clocks differ: it holds from a little before now.
            output.WriteLine(CertificateText.Of(provider!, Certificate.Issue(operatorKey, network, provider!, now.AddMinutes(-5), now.AddDays(held))));
            return ExitCodes.Done;
        });
        return command;
    }
}
