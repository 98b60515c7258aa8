using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Diagnostics;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Cli.Hosting;

/// <summary>What an order verb stands on: the provider it speaks to, the pocket that remembers, and whom it tells.</summary>
internal sealed class OrderSite : IAsyncDisposable
{
    private const string UsualProvider = "http://127.0.0.1:6060";

    public static readonly Option<string?> ProviderOption = new("--provider")
    {
        // No default of the option: a list without it is of all providers.
        Description = $"The provider's address; a verb that asks one asks {UsualProvider} otherwise",
        HelpName = "URL",
        Recursive = true,
    };

    private static readonly JsonWriterOptions _jsonOptions = new() { Indented = true, Encoder = PurchaseText.Encoder };

    private readonly TimeProvider _time;
    private readonly VerbLog? _log;
    private readonly Places _places = Places.OfProcess();
    private readonly Configuration _configuration;
    private readonly TextWriter _error;
    private Pocket? _pocket;

    private OrderSite(ParseResult parsed, TimeProvider time)
    {
        _time = time;
        _log = CommandLine.LogOf(parsed);
        Json = parsed.GetValue(CommandLine.Json);
        _configuration = CommandLine.Configuration(parsed);
        IsProviderGiven = parsed.GetResult(ProviderOption) is { Implicit: false };
        (Output, _error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        Terminal = Terminal.OfProcess();
        var given = parsed.GetValue(ProviderOption) ?? UsualProvider;
        Provider = Uri.TryCreate(given, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : throw new PosthouseException(
            ErrorCodes.OptionsInvalid, $"--provider {given}: an address such as http://127.0.0.1:6060 is taken");
    }

    public bool Json { get; }

    public TextWriter Output { get; }

    public Terminal Terminal { get; }

    public Uri Provider { get; }

    /// <summary>Whether the command line names the provider, so that it is not just the usual one.</summary>
    public bool IsProviderGiven { get; }

    public TimeProvider Time => _time;

    /// <summary>The pocket; opened on first use.</summary>
    public Pocket Pocket => _pocket ??= Pocket.Open(_places.Pocket, _places.WalletKey, _configuration, _time, _log);

    public IvxpClient Client => Pocket.Client;

    public static OrderSite Of(ParseResult parsed, TimeProvider time) => new(parsed, time);

    /// <summary>The provider, for a question that needs no memory: no store is opened.</summary>
    public ProviderClient Stranger() => new(Pocket.Road(_time, _log), Provider, _time, Secp256k1.Best);

    /// <summary>Sees to it that the pocket has a wallet. For play money one is made; real money wants a decision.</summary>
    public async Task<Wallet> NeedWalletAsync(CancellationToken cancellationToken) =>
        !File.Exists(_places.WalletKey) && await (await Client.OpenAsync(Provider)).HasDevChainAsync(cancellationToken)
            ? WalletFile.OpenOrCreate(_places.WalletKey)
            : Wallet.Load(_places.WalletKey, Secp256k1.Best);

    /// <summary>A line for people, with what comes from strangers made harmless; nothing where a program reads.</summary>
    public void Say(string line)
    {
        if (!Json) { Output.WriteLine(TextTable.Clean(line, Terminal.Unicode)); }
    }

    /// <summary>A line on standard error, whoever reads.</summary>
    public void Warn(string line) => _error.WriteLine("posthouse: " + TextTable.Clean(line, Terminal.Unicode));

    /// <summary>One JSON document, where a program reads.</summary>
    public void Write(Action<Utf8JsonWriter> write)
    {
        if (!Json) { return; }
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _jsonOptions)) { write(json); }
        Output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    /// <summary>Asks the provider something; if it is away or refuses the budget, the message says what to do next.</summary>
    /// <param name="ask">What is asked.</param>
    /// <param name="whenAway">What to do when it is away; read then, for it may depend on how far the verb came.</param>
    public static async Task<T> AskAsync<T>(Func<Task<T>> ask, Func<string> whenAway)
    {
        try
        {
            return await ask();
        }
        catch (PosthouseException failure) when (failure.Code is ClientErrors.ProviderUnreachable)
        {
            throw new PosthouseException(failure.Code, $"{Sentence(failure)}\n{whenAway()}", failure);
        }
        catch (PosthouseException failure) when (failure.Code is ClientErrors.PriceTooHigh or IvxpErrors.BudgetTooLow)
        {
            throw new PosthouseException(failure.Code, $"{Sentence(failure)} Allow more with --budget USDC.", failure);
        }
    }

    /// <summary>What to do where a provider that nothing was bought from yet is away.</summary>
    public static string FindAnother() => "Start one with 'posthouse serve --dev' in another terminal, or name another with --provider URL.";

    /// <summary>What to do where the provider of an order is away.</summary>
    public static string ComeBack(string orderId) => $"Your order is remembered. Ask again when its provider is back: posthouse order status {orderId}";

    private static string Sentence(PosthouseException failure) => failure.Message.EndsWith('.') ? failure.Message : failure.Message + ".";

    public async ValueTask DisposeAsync()
    {
        if (_pocket is not null) { await _pocket.DisposeAsync(); }
    }
}
