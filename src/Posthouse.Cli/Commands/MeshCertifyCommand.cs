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
        var key = new Argument<string?>("KEY") { Description = "The node's public key, as 'posthouse serve' prints it; without it the operator's own key is shown", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string>("--operator-key") { Description = "The file of the operator's key; it is made where it is missing", HelpName = "FILE", Required = true };
        var days = new Option<int>("--days") { Description = "For how many days it holds", HelpName = "N", DefaultValueFactory = _ => 365 };
        var command = new Command("certify", "Signs that a node may provide prices in the mesh that Mesh:Network names, and prints the certificate for its Mesh:CertificateFile") { key, file, days };
        command.SetAction(parsed =>
        {
            using var operatorKey = Open(parsed.GetValue(file)!);
            if (parsed.GetValue(key) is not { } given)
            {
                return Tell(parsed, "shown", ("public_key", operatorKey.Public.ToString()));
            }

            if (!PublicKey.TryParse(given, out var provider)) { throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{given}' is no node's key: 'posthouse serve' prints it, SPKI in Base64."); }
            if (parsed.GetValue(days) is var held && held is < 1 or > MaxDays) { throw new PosthouseException(ErrorCodes.OptionsInvalid, string.Create(CultureInfo.InvariantCulture, $"--days is 1 to {MaxDays}.")); }

            var mesh = CommandLine.Configuration(parsed).Required(MeshKeys.Network);
            var (network, now) = (NetworkId.Of(mesh), time.GetUtcNow());
            var until = now.AddDays(held);
            // Clocks differ: it holds from a little before now.
            var certificate = CertificateText.Of(provider!, Certificate.Issue(operatorKey, network, provider!, now.AddMinutes(-5), until));
            if (!parsed.GetValue(CommandLine.Json))
            {
                // Beside the certificate, which goes into a file: in another mesh it is worth nothing.
                parsed.InvocationConfiguration.Error.WriteLine($"For the node {provider!.Id} in the mesh '{mesh}'; for another mesh, add --set {MeshKeys.Network}=NAME.");
            }

            return Tell(parsed, "certified", ("certificate", certificate), ("node_id", provider!.Id.ToString()), ("network", mesh), ("valid_until", until.ToString("O", CultureInfo.InvariantCulture)));
        });
        return command;
    }

    /// <summary>The operator's key; where none can be made that is said in words, and not of the file that stands in between.</summary>
    private static EcdsaKey Open(string file)
    {
        try
        {
            return EcdsaKey.Open(file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"--operator-key: there is no {file}, and it cannot be made ({(Directory.Exists(folder) ? $"the folder {folder} cannot be written" : $"there is no folder {folder}")}).", refused);
        }
    }

    /// <summary>The first member alone for people, who put it into a file; all for programs.</summary>
    private static int Tell(ParseResult parsed, string status, params (string Name, string Value)[] members)
    {
        if (!parsed.GetValue(CommandLine.Json))
        {
            parsed.InvocationConfiguration.Output.WriteLine(members[0].Value);
            return ExitCodes.Done;
        }

        return MeshSite.Document(parsed, status, json =>
        {
            json.WriteStartObject();
            foreach (var (name, value) in members) { json.WriteString(name, value); }
            json.WriteEndObject();
        });
    }
}
