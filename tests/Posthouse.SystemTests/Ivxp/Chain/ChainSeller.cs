using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage.Sqlite;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Ivxp.Chain;

/// <summary>The built program selling for real: no development, a wallet's key file, one command as a service at 5 USDC, paid on a real chain.</summary>
internal sealed class ChainSeller : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-seller-").FullName;
    private PosthouseProcess? _process;

    public ChainSeller()
    {
        Wallet = Wallet.Create(SystemIds.Instance, Secp256k1.Best);
        Wallet.Save(Path.Combine(_folder, "wallet.key"));
    }

    public Wallet Wallet { get; }

    public string Url { get; private set; } = "";

    /// <summary>Starts it, or starts it again on the same folder and port.</summary>
    public async Task StartAsync(Uri node, params string[] sets)
    {
        _process = PosthouseProcess.Start(Words(node, sets));
        Url = (await _process.LineAsync())["Serving ".Length..];
    }

    /// <summary>Runs it where it is expected not to start.</summary>
    public Task<(int Exit, string Output, string Error)> RefusesAsync(Uri node) => PosthouseProcess.RunAsync(Words(node, []));

    /// <summary>Kills it as the loss of power would.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.ExitAsync();
        _process.Dispose();
    }

    /// <summary>Waits until somebody else killed it.</summary>
    public async Task DiesAsync()
    {
        (await _process!.ExitAsync()).ShouldBe(PosthouseProcess.Killed);
        _process.Dispose();
    }

    public void Kill() => _process!.Kill();

    /// <summary>Reads its books, also while it is dead.</summary>
    public List<string> Read(string sql)
    {
        using var database = SqliteDatabase.Open(Path.Combine(_folder, "data", "posthouse.db"), readOnly: true);
        return database.Query(sql, row => row.Text(0));
    }

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private string[] Words(Uri node, string[] sets)
    {
        string[] all =
        [
            "Ivxp:Network=base-sepolia", $"Ivxp:RpcUrl={node}", $"Ivxp:Wallet:KeyFile={Path.Combine(_folder, "wallet.key")}",
            "Ivxp:Services:0:Type=copy", "Ivxp:Services:0:PriceUsdc=5", "Ivxp:Services:0:Exec:0=cat", .. sets,
        ];
        var urls = Url.Length == 0 ? "http://127.0.0.1:0" : Url;
        return ["serve", "--urls", urls, "--data", Path.Combine(_folder, "data"), .. all.SelectMany(set => new[] { "--set", set })];
    }
}
