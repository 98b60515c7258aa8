using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.SystemTests.Ivxp.Chain;

/// <summary>A real Ethereum node (anvil) on a chain of its own that has the number of Base Sepolia, with a token of ours where USDC stands.</summary>
internal sealed class Anvil : IAsyncDisposable
{
    /// <summary>Another token of the same code, which is not USDC.</summary>
    public const string Decoy = "0x00000000000000000000000000000000000dec07";

    private readonly RunningProgram _program;
    private readonly HttpClient _http = new();

    private Anvil(RunningProgram program, Uri url) => (_program, Url) = (program, url);

    public Uri Url { get; }

    /// <summary>Starts it; an epoch of one slot makes a block final after two more.</summary>
    public static async Task<Anvil> StartAsync(long chainId = 84532)
    {
        var port = RunningProgram.FreePort();
        string[] words = ["--chain-id", Text(chainId), "--port", Text(port), "--accounts", "1", "--slots-in-an-epoch", "1", "--order", "fifo"];
        var program = RunningProgram.Start(Path.Combine(Scripts.NodeModules, "@foundry-rs", Platform(), "bin", "anvil"), words, Scripts.Folder);
        await program.SaysAsync("Listening on");
        var anvil = new Anvil(program, new Uri($"http://127.0.0.1:{Text(port)}/"));
        var code = Scripts.Contract("test/Usdc.json").GetProperty("deployed").GetString();
        await anvil.AskAsync("anvil_setCode", UsdcNetwork.BaseSepolia.Contract.ToString(), code);
        await anvil.AskAsync("anvil_setCode", Decoy, code);
        return anvil;
    }

    /// <summary>Asks the node something.</summary>
    /// <exception cref="InvalidOperationException">It answered with an error.</exception>
    public async Task<JsonElement> AskAsync(string method, params JsonNode?[] args)
    {
        var call = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = new JsonArray(args) };
        using var response = await _http.PostAsJsonAsync(Url, call);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return answer.TryGetProperty("error", out var error) ? throw new InvalidOperationException($"{method}: {error}") : answer.GetProperty("result");
    }

    public Task MineAsync(int blocks) => AskAsync("anvil_mine", $"0x{blocks:x}");

    public Task MineByItselfAsync(bool yes) => AskAsync("evm_setAutomine", yes);

    /// <summary>The receipt of a transaction, once it is in a block: a node that mines by itself does so in its own time.</summary>
    public async Task<JsonElement> ReceiptAsync(string hash)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (await AskAsync("eth_getTransactionReceipt", hash) is { ValueKind: JsonValueKind.Object } receipt) { return receipt; }
            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>Gives an account ether for fees.</summary>
    public Task FundAsync(EthereumAddress account) => AskAsync("anvil_setBalance", account.ToString(), "0xde0b6b3a7640000");

    /// <summary>Gives an account USDC.</summary>
    public async Task MintAsync(EthereumAddress account, long units)
    {
        var from = (await AskAsync("eth_accounts"))[0].GetString();
        var data = $"0x40c10f19{account.ToString()[2..].PadLeft(64, '0')}{units:x64}";
        await AskAsync("eth_sendTransaction", new JsonObject { ["from"] = from, ["to"] = UsdcNetwork.BaseSepolia.Contract.ToString(), ["data"] = data });
    }

    /// <summary>An account's USDC, in units.</summary>
    public async Task<long> BalanceAsync(EthereumAddress account)
    {
        var call = new JsonObject { ["to"] = UsdcNetwork.BaseSepolia.Contract.ToString(), ["data"] = "0x70a08231" + account.ToString()[2..].PadLeft(64, '0') };
        return long.Parse((await AskAsync("eth_call", call, "latest")).GetString().AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _program.DisposeAsync();
    }

    private static string Platform()
    {
        var found = Directory.GetDirectories(Path.Combine(Scripts.NodeModules, "@foundry-rs"), "anvil-*");
        found.ShouldHaveSingleItem("run 'npm ci' in tests/js, or ./test, which does");
        return Path.GetFileName(found[0]);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
