using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Cli.Hosting;

/// <summary>What an order verb stands on: the provider it speaks to, the pocket that remembers, and whom it tells.</summary>
internal sealed class OrderSite : IAsyncDisposable
{
    public static readonly Option<string> ProviderOption = new("--provider")
    {
        Description = "The provider's address",
        HelpName = "URL",
        DefaultValueFactory = _ => "http://127.0.0.1:6060",
        Recursive = true,
    };

    public static readonly Option<bool> JsonOption = new("--json") { Description = "Writes JSON", Recursive = true };

    private static readonly JsonWriterOptions _jsonOptions = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TimeProvider _time;
    private readonly Places _places = Places.OfProcess();
    private readonly Configuration _configuration;
    private Pocket? _pocket;

    private OrderSite(ParseResult parsed, TimeProvider time)
    {
        _time = time;
        Json = parsed.GetValue(JsonOption);
        _configuration = CommandLine.Configuration(parsed);
        Output = parsed.InvocationConfiguration.Output;
        Terminal = Terminal.OfProcess();
        var given = parsed.GetRequiredValue(ProviderOption);
        Provider = Uri.TryCreate(given, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : throw new PosthouseException(
            ErrorCodes.OptionsInvalid, $"--provider {given}: an address such as http://127.0.0.1:6060 is taken");
    }

    public bool Json { get; }

    public TextWriter Output { get; }

    public Terminal Terminal { get; }

    public Uri Provider { get; }

    public TimeProvider Time => _time;

    /// <summary>The pocket; opened on first use.</summary>
    public Pocket Pocket => _pocket ??= Pocket.Open(_places.Pocket, _places.WalletKey, _configuration, _time);

    public IvxpClient Client => Pocket.Client;

    public static OrderSite Of(ParseResult parsed, TimeProvider time) => new(parsed, time);

    /// <summary>Sees to it that the pocket has a wallet. For play money one is made; real money wants a decision.</summary>
    public async Task NeedWalletAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(_places.WalletKey)) { return; }
        if (await (await Client.OpenAsync(Provider)).HasDevChainAsync(cancellationToken)) { WalletFile.OpenOrCreate(_places.WalletKey); }
        else { Wallet.Load(_places.WalletKey, Secp256k1.Best); }
    }

    /// <summary>A line for people, with what comes from strangers made harmless; nothing where a program reads.</summary>
    public void Say(string line)
    {
        if (!Json) { Output.WriteLine(TextTable.Clean(line, Terminal.Unicode)); }
    }

    /// <summary>One JSON document, where a program reads.</summary>
    public void Write(Action<Utf8JsonWriter> write)
    {
        if (!Json) { return; }
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _jsonOptions)) { write(json); }
        Output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    public async ValueTask DisposeAsync()
    {
        if (_pocket is not null) { await _pocket.DisposeAsync(); }
    }
}
