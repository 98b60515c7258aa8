using System.Diagnostics;
using System.Globalization;
using Posthouse.Connectivity;
using Posthouse.Files;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.SystemTests.Cli;
using Posthouse.Tests.Postgres;

namespace Posthouse.SystemTests.Postgres;

/// <summary>Several <c>posthouse serve</c> on one database are one provider.</summary>
public sealed class SharedStationTests : IDisposable
{
    private static readonly TimeSpan _safetyNet = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-shared-").FullName;
    private readonly string _schema = PostgresServer.NewSchema();
    private readonly HttpClient _http = new() { Timeout = _safetyNet };
    private readonly HttpMessageInvoker _invoker = new(GuardedHandlers.Create());
    private readonly Wallet _buyer = Wallet.Create(SystemIds.Instance, Secp256k1.Best);

    private string Begun => Path.Combine(_folder, "begun");

    public SharedStationTests()
    {
        Wallet.Create(SystemIds.Instance, Secp256k1.Best).Save(Path.Combine(_folder, "wallet.key"));
        Wallet.Create(SystemIds.Instance, Secp256k1.Best).Save(Path.Combine(_folder, "other.key"));
        // Who works it first never ends; whoever does it again is done at once.
        File.WriteAllText(Path.Combine(_folder, "work.sh"), $"""
            echo "$PPID $$" >> '{Begun}'
            if [ "$(wc -l < '{Begun}')" -eq 1 ]; then exec sleep 600; fi
            echo "worked again"
            """);
    }

    public void Dispose()
    {
        foreach (var worker in Workers().Select(worker => worker.Command))
        {
            try
            {
                Process.GetProcessById(worker).Kill();
            }
            catch (ArgumentException)
            {
                // It has ended.
            }
        }

        _http.Dispose();
        _invoker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_ordered_at_one_is_followed_and_collected_at_the_other_though_the_first_is_killed_at_work()
    {
        using var first = Start("first");
        var atFirst = await ServesAsync(first);
        var slow = await QuoteAsync(atFirst, "slow_work");
        await PayAsync(atFirst, atFirst, slow);
        (await WorkerAsync(1)).Server.ShouldBe(first.Id);

        using var second = Start("second");
        var atSecond = await ServesAsync(second);
        (await Client(atSecond).StatusAsync(slow.OrderId)).Status.ShouldBe("processing");
        await using var stream = await FollowAsync(atSecond, slow.OrderId);
        var quick = await QuoteAsync(atSecond, "text_echo");
        await PayAsync(atSecond, atFirst, quick);
        await UntilAsync(atSecond, quick.OrderId);
        (await CollectAsync(atFirst, quick)).ShouldContain("work for text_echo");

        first.Kill();
        await UntilAsync(atSecond, slow.OrderId);
        await stream.EndsWith("event: completed");
        (await CollectAsync(atSecond, slow)).ShouldContain("worked again");
        (await WorkerAsync(2)).Server.ShouldBe(second.Id);
        Workers().Count.ShouldBe(2);

        // One more must sell with the same wallet; and none may serve the folder as if nothing had been there.
        var (exit, _, error) = await Start("third", "other.key").EndAsync();
        (exit, error.Contains("The servers of this database sell with the wallet", StringComparison.Ordinal)).ShouldBe((2, true), error);
        (exit, _, error) = await PosthouseProcess.RunAsync("serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "first-"));
        (exit, error.Contains("Store:Postgres:Connection names none", StringComparison.Ordinal)).ShouldBe((2, true), error);
        second.AskToEnd();
        var (end, output, said) = await second.EndAsync();
        (end, (output + said).Contains("sesame", StringComparison.Ordinal)).ShouldBe((0, false), said);
    }

    [Fact]
    public async Task A_station_that_is_moved_though_the_move_is_killed_serves_from_the_database_what_it_sold_from_the_file()
    {
        var data = Path.Combine(_folder, "first-");
        ServiceQuote sold;
        using (var before = Start("first", isShared: false))
        {
            var address = await ServesAsync(before);
            sold = await QuoteAsync(address, "text_echo");
            await PayAsync(address, address, sold);
            await UntilAsync(address, sold.OrderId);
            before.AskToEnd();
            (await before.ExitAsync()).ShouldBe(0);
        }

        await EnqueueFileAsync(data);
        using (var killed = PosthouseProcess.Start(((int)CrashAt.FileCopied).ToString(CultureInfo.InvariantCulture), ["store", "move", "--data", data, .. Database()]))
        {
            (await killed.ExitAsync()).ShouldBe(PosthouseProcess.Killed);
        }

        var (exit, _, error) = await Start("first").EndAsync();
        (exit, error.Contains("posthouse store move", StringComparison.Ordinal)).ShouldBe((2, true), error);
        (exit, var output, error) = await PosthouseProcess.RunAsync(["store", "move", "--data", data, "--json", .. Database()]);
        (exit, output.Contains("\"resumed\": true", StringComparison.Ordinal)).ShouldBe((0, true), output + error);

        using var after = Start("first");
        (await CollectAsync(await ServesAsync(after), sold)).ShouldContain("work for text_echo");
        (await PostgresServer.One.AskAsync($"SELECT count(*) FROM {_schema}.vault_copy WHERE hash IS NOT NULL")).ShouldBe(1L);
    }

    private async Task EnqueueFileAsync(string data)
    {
        var photo = Path.Combine(_folder, "photo");
        await File.WriteAllTextAsync(photo, "photo");
        await using var store = SqliteJobStore.Open(
            new SqliteStoreOptions { Path = Path.Combine(data, "posthouse.db"), Time = TimeProvider.System, Ids = SystemIds.Instance }, new JobRegistry());
        var stored = await new FolderVault(Path.Combine(data, "vault"), TimeProvider.System, SystemIds.Instance).StageAsync(JobFile.FromPath(photo), store.StageAsync);
        await store.EnqueueAsync([new JobDraft(JobId.Parse("with-photo"), "mail.send", 1, "{}"u8.ToArray(), "{}"u8.ToArray()) { Files = [stored] }]);
    }

    private PosthouseProcess Start(string name, string wallet = "wallet.key", bool isShared = true) => PosthouseProcess.Start(
    [
        "serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(_folder, name + "-"),
        .. isShared ? Database() : [],
        .. Sets(
            ("Queue:Lease", "3s"), ("Mesh:Enabled", "false"), ("Ivxp:Wallet:KeyFile", Path.Combine(_folder, wallet)),
            ("Ivxp:Services:0:Type", "slow_work"), ("Ivxp:Services:0:PriceUsdc", "5"), ("Ivxp:Services:0:Exec:0", "/bin/sh"), ("Ivxp:Services:0:Exec:1", Path.Combine(_folder, "work.sh"))),
    ]);

    private IEnumerable<string> Database()
    {
        var password = Path.Combine(_folder, "password");
        Durable.WriteAllBytesAtomically(password, "sesame"u8);
        return Sets(("Store:Postgres:Connection", PostgresServer.One.ConnectionString), ("Store:Postgres:Schema", _schema), ("Store:Postgres:PasswordFile", password));
    }

    private static IEnumerable<string> Sets(params (string Key, string Value)[] sets) => sets.SelectMany(set => new[] { "--set", $"{set.Key}={set.Value}" });

    private static async Task<Uri> ServesAsync(PosthouseProcess server) => new((await server.LineAsync())["Serving ".Length..]);

    private ProviderClient Client(Uri address) => new(new HttpExchange(_invoker, TimeProvider.System), address, TimeProvider.System, Secp256k1.Best);

    private Task<ServiceQuote> QuoteAsync(Uri server, string service) => Client(server).QuoteAsync(
        new ClientAgent("Buyer", _buyer.Address.ToString()), new RequestedWork(service, "work for " + service, UsdcAmount.FromUnits(5 * UsdcAmount.UnitsPerUsdc)));

    private async Task PayAsync(Uri paid, Uri proved, ServiceQuote quote)
    {
        var transaction = await Client(paid).PayOnDevChainAsync(_buyer.Address, EthereumAddress.Parse(quote.Quote.PaymentAddress), quote.Quote.PriceUsdc);
        await Client(proved).ProveAsync(_buyer, quote.OrderId, quote.Quote.Network, transaction, null);
    }

    private async Task UntilAsync(Uri server, string order)
    {
        await using var stream = await FollowAsync(server, order);
        await stream.EndsWith("event: completed");
    }

    private async Task<string> CollectAsync(Uri server, ServiceQuote quote) =>
        (await Client(server).DownloadAsync(quote.OrderId, EthereumAddress.Parse(quote.ProviderAgent.WalletAddress))).Message.Deliverable.Content.ToString();

    private List<(int Server, int Command)> Workers() => !File.Exists(Begun) ? [] :
    [
        .. File.ReadLines(Begun).Select(line => line.Split(' ')).Where(words => words.Length == 2)
            .Select(words => (int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture))),
    ];

    private async Task<(int Server, int Command)> WorkerAsync(int number)
    {
        using var patience = new CancellationTokenSource(_safetyNet);
        while (Workers().Count < number) { await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token); }
        return Workers()[number - 1];
    }

    private async Task<OrderStream> FollowAsync(Uri server, string order)
    {
        var answer = await _http.GetAsync(new Uri(server, IvxpProtocol.Routes.Stream.Replace("{id}", order, StringComparison.Ordinal)), HttpCompletionOption.ResponseHeadersRead);
        return new OrderStream(answer.EnsureSuccessStatusCode());
    }

    /// <summary>An order's events as they come.</summary>
    private sealed class OrderStream(HttpResponseMessage answer) : IAsyncDisposable
    {
        private readonly List<string> _seen = [];

        /// <summary>Reads to the end, which is that of the order.</summary>
        public async Task EndsWith(string last)
        {
            using var patience = new CancellationTokenSource(_safetyNet);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            while (await reader.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("event:", StringComparison.Ordinal)) { _seen.Add(line); }
            }

            _seen.Last().ShouldBe(last, string.Join('\n', _seen));
        }

        public ValueTask DisposeAsync()
        {
            answer.Dispose();
            return default;
        }
    }
}
