using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Posthouse.SystemTests.Ivxp.Chain;

/// <summary>The client in JavaScript: its wallet and its chain are viem's.</summary>
internal sealed class ViemPayer : IAsyncDisposable
{
    private readonly RunningProgram _program;
    private int _asked;

    private ViemPayer(RunningProgram program) => _program = program;

    public static async Task<ViemPayer> StartAsync(string provider, Uri node)
    {
        var payer = new ViemPayer(RunningProgram.Start("node", ["payer.mjs", provider, node.ToString()], Scripts.Folder));
        await payer.DoAsync("prepare", new() { ["decoy"] = Anvil.Decoy });
        return payer;
    }

    /// <summary>Has it do one thing, and reads its answer.</summary>
    public async Task<JsonElement> DoAsync(string command, JsonObject? given = null)
    {
        var id = Interlocked.Increment(ref _asked).ToString(CultureInfo.InvariantCulture);
        given ??= [];
        (given["id"], given["command"]) = (id, command);
        await _program.TypeAsync(given.ToJsonString());
        var answer = JsonDocument.Parse(await _program.SaysAsync($"\"#{id};\"")).RootElement;
        return answer.TryGetProperty("failed", out var failed) ? throw new InvalidOperationException($"{command}: {failed}") : answer;
    }

    /// <summary>A quote: the order's id and where it is paid.</summary>
    public async Task<(string Order, string To)> QuoteAsync()
    {
        var quote = await DoAsync("quote", new() { ["type"] = "copy" });
        return (quote.GetProperty("order").GetString()!, quote.GetProperty("to").GetString()!);
    }

    /// <summary>A transfer; <paramref name="more"/> says what is unusual about it.</summary>
    public async Task<string> PayAsync(string to, long units, JsonObject? more = null)
    {
        var given = more ?? [];
        (given["to"], given["units"]) = (to, units);
        return (await DoAsync("pay", given)).GetProperty("hash").GetString()!;
    }

    /// <summary>Several transfers in one transaction.</summary>
    public async Task<string> PayManyAsync(params (string To, long Units)[] transfers)
    {
        var given = new JsonObject
        {
            ["to"] = new JsonArray([.. transfers.Select(one => (JsonNode)one.To)]),
            ["units"] = new JsonArray([.. transfers.Select(one => (JsonNode)one.Units)]),
        };
        return (await DoAsync("payMany", given)).GetProperty("hash").GetString()!;
    }

    public async Task<string> StrangerAsync() => (await DoAsync("stranger")).GetProperty("address").GetString()!;

    /// <summary>Proves a payment, and says what the provider answered.</summary>
    public async Task<(int Status, string? Error, string? Reason)> ProveAsync(string order, string hash)
    {
        var answer = await DoAsync("prove", new() { ["order"] = order, ["hash"] = hash });
        return (answer.GetProperty("status").GetInt32(), answer.GetProperty("error").GetString(), answer.GetProperty("reason").GetString());
    }

    public Task<JsonElement> UntilAsync(string order, string state) => DoAsync("until", new() { ["order"] = order, ["wanted"] = state });

    public ValueTask DisposeAsync() => _program.DisposeAsync();
}
