using System.CommandLine;
using System.Text;
using System.Text.Json;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Receipts;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse receipt verify FILE</c>: checks what both sides signed about an order, with no network.</summary>
internal static class ReceiptCommand
{
    /// <summary>Bytes of a content: results have at most a million with us; other providers may send more.</summary>
    private const int MaxContentBytes = 16 << 20;

    private static readonly JsonWriterOptions _jsonOptions = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create() => new("receipt", "Checks what both sides signed about an order") { CreateVerify() };

    private static Command CreateVerify()
    {
        var file = new Argument<string>("FILE") { Description = "The receipt bundle" };
        var contentFile = new Option<string?>("--content") { Description = "The delivered content as JSON, to compare with the signed hash", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Writes JSON" };
        var command = new Command("verify", "Checks every signature and every binding in a bundle, and says what it proves and what not") { file, contentFile, json };
        command.SetAction(parsed =>
        {
            var bundle = ReceiptBundle.Parse(Read(parsed.GetRequiredValue(file), ReceiptBundle.MaxBytes));
            var content = parsed.GetValue(contentFile) is { } path ? Content(path) : (JsonContent?)null;
            var verdict = bundle.Verify(Secp256k1.Best, content);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) { output.WriteLine(Json(bundle, verdict)); }
            else { Write(output, Terminal.OfProcess(), bundle, verdict); }
            return verdict.IsSound ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static byte[] Read(string path, int maxBytes)
    {
        try
        {
            return new FileInfo(path).Length <= maxBytes ? File.ReadAllBytes(path) : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{path} has more than {maxBytes} bytes.");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"There is no file {path}.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{path} cannot be read: {error.Message}", error);
        }
    }

    private static JsonContent Content(string path)
    {
        try
        {
            return JsonContent.Parse(Read(path, MaxContentBytes));
        }
        catch (JsonException error)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{path} is no JSON: {error.Message}", error);
        }
    }

    private static void Write(TextWriter output, Terminal terminal, ReceiptBundle bundle, ReceiptVerdict verdict)
    {
        output.WriteLine($"Order {bundle.OrderId}, bundle of the {(bundle.MadeBy == ReceiptBundle.ByClient ? ReceiptBundle.ByClient : ReceiptBundle.ByProvider)}");
        foreach (var finding in verdict.Findings)
        {
            var mark = finding.Mark switch { ReceiptMark.Proved => terminal.DoneMark, ReceiptMark.Wrong => terminal.FailedMark, _ => terminal.NoteMark };
            output.WriteLine(TextTable.Clean($"{mark} {finding.Subject}: {(finding.Mark is ReceiptMark.Unproved ? "not proved: " : "")}{finding.Text}", terminal.Unicode));
        }

        output.WriteLine(verdict.IsSound ? "Nothing in this bundle is wrong." : "This bundle is wrong; do not rely on it.");
    }

    private static string Json(ReceiptBundle bundle, ReceiptVerdict verdict)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _jsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("order_id", bundle.OrderId);
            json.WriteBoolean("is_sound", verdict.IsSound);
            json.WritePropertyName("findings");
            json.WriteStartArray();
            foreach (var finding in verdict.Findings)
            {
                json.WriteStartObject();
                json.WriteString("subject", finding.Subject);
                json.WriteString("mark", finding.Mark switch { ReceiptMark.Proved => "proved", ReceiptMark.Wrong => "wrong", _ => "unproved" });
                json.WriteString("text", finding.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
