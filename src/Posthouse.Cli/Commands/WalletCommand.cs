using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse wallet new|show</c>: the key that orders are signed with. The key itself is never printed.</summary>
internal static class WalletCommand
{
    private static readonly JsonWriterOptions _jsonOptions = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Option<string?> _file = new("--file")
    {
        Description = "The key file; otherwise wallet.key in your own folder",
        HelpName = "FILE",
        Recursive = true,
    };

    private static readonly Option<bool> _json = new("--json") { Description = "Writes JSON", Recursive = true };

    public static Command Create() => new("wallet", "Makes and shows the wallet that signs") { _file, _json, CreateNew(), CreateShow() };

    private static Command CreateNew()
    {
        var command = new Command("new", "Makes a wallet; a key file that exists is never overwritten");
        command.SetAction(parsed =>
        {
            var path = KeyFile(parsed);
            var wallet = Wallet.Create(SystemIds.Instance, Secp256k1.Best);
            Save(wallet, path);
            Write(parsed, wallet, path, $"{Terminal.OfProcess().DoneMark} New wallet: {wallet.Address}", "Keep a copy of it: nobody can restore a lost key.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateShow()
    {
        var command = new Command("show", "Shows the wallet's address");
        command.SetAction(parsed =>
        {
            var path = KeyFile(parsed);
            var wallet = Wallet.Load(path, Secp256k1.Best);
            Write(parsed, wallet, path, $"Wallet: {wallet.Address}", note: null);
            return ExitCodes.Done;
        });
        return command;
    }

    private static string KeyFile(ParseResult parsed) => Path.GetFullPath(parsed.GetValue(_file) ?? Places.OfProcess().WalletKey);

    /// <summary>A key that was shown and then lost with the power would be money lost, so it is on disk before its address is told.</summary>
    private static void Save(Wallet wallet, string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            Durable.CreatePrivateDirectory(folder);
            wallet.Save(path);
            using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite)) { Durable.Fsync(file); }
            Durable.FsyncDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(ErrorCodes.StoreUnavailable, $"The key file {path} cannot be written ({error.Message}). Name another with --file FILE.", error);
        }
    }

    private static void Write(ParseResult parsed, Wallet wallet, string path, string title, string? note)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (!parsed.GetValue(_json))
        {
            output.WriteLine(title);
            output.WriteLine($"  Key file: {path}");
            if (note is not null) { output.WriteLine("  " + note); }
            return;
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _jsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("address", wallet.Address.ToString());
            json.WriteString("key_file", path);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
