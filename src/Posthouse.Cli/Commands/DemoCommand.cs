using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;

namespace Posthouse.Cli.Commands;

/// <summary>
/// <c>posthouse demo</c>: the timeline of a client that is away when its result is ready, with hours made seconds. The provider and
/// the client's listener are processes of their own; the listener really does not run while the provider pushes for the first time.
/// </summary>
internal static class DemoCommand
{
    /// <summary>The wait between pushes, and so the longest that the client waits once it is back.</summary>
    private const int PushSeconds = 3;

    /// <summary>How long the client stays away: not a multiple of the wait between pushes, so that one is missed.</summary>
    private static readonly TimeSpan _away = TimeSpan.FromSeconds(4);

    /// <summary>A net under a demo that would hang.</summary>
    private static readonly TimeSpan _most = TimeSpan.FromMinutes(2);

    public static Command Create(TimeProvider time)
    {
        var command = new Command("demo", "Plays an order whose client is away when the result is ready, with hours made seconds: a server and a client of its own, in a folder that is removed, on free ports") { DemoListenCommand.Create() };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var limit = new CancellationTokenSource(_most, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            var folder = Directory.CreateTempSubdirectory("posthouse-demo-").FullName;
            try
            {
                await PlayAsync(new Script(parsed.InvocationConfiguration.Output, time), folder, time, both.Token);
                return ExitCodes.Done;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    private static async Task PlayAsync(Script script, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var serving = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var provider = DemoProcess.Start(folder, line => HearProvider(script, line, serving), Serve(folder));
        _ = provider.EndAsync(cancellationToken).ContinueWith(
            _ => serving.TrySetException(new PosthouseException(ErrorCodes.StoreUnavailable, "The demo's provider did not start.")), TaskScheduler.Default);
        var url = new Uri(await serving.Task.WaitAsync(cancellationToken));
        script.Say("demo", $"process {provider.Id} is the provider, at {url}");

        using var invoker = new HttpMessageInvoker(GuardedHandlers.Create());
        var client = new ProviderClient(new HttpExchange(invoker, time), url, time, Secp256k1.Best);
        var wallet = Wallet.Create(SystemIds.Instance, Secp256k1.Best);
        var inbox = FreeAddress();

        script.Say("client", "asks for research, for at most 50 USDC");
        var work = new RequestedWork("research", "What happens when the client is offline?", UsdcAmount.FromUnits(50_000_000));
        var endpoint = inbox + IvxpProtocol.Routes.Receive;
        var agent = new ClientAgent("Demo", wallet.Address.ToString(), endpoint);
        var quote = await client.QuoteAsync(agent, work, cancellationToken);
        await WaitForAsync("quoted");
        script.Say("client", $"is quoted {quote.Quote.PriceUsdc} USDC and pays");
        var transaction = await client.PayOnDevChainAsync(wallet.Address, EthereumAddress.Parse(quote.Quote.PaymentAddress), quote.Quote.PriceUsdc, cancellationToken);
        await client.ProveAsync(wallet, quote.OrderId, quote.Quote.Network, transaction, endpoint, cancellationToken);
        script.Say("client", "has proved its payment and goes away: nothing listens at its endpoint");
        await WaitForAsync("ready_for_pickup");
        script.Say("client", $"is away for {_away.TotalSeconds:0} s");
        await Task.Delay(_away, time, cancellationToken);

        using var listener = DemoProcess.Start(folder, line => script.Say("client", line), "demo", "listen", inbox);
        script.Say("demo", $"process {listener.Id} is the client, back again");
        await listener.EndAsync(cancellationToken);
        await WaitForAsync("posted");
        var delivery = await client.DownloadAsync(quote.OrderId, EthereumAddress.Parse(quote.ProviderAgent.WalletAddress), cancellationToken);
        script.Say("client", $"downloads it too; hash and signature are right: {delivery.Message.ContentHash}");
        await WaitForAsync("delivered");
        await DemoReceipt.SignAsync(client, wallet, agent, delivery.Message, cancellationToken);
        script.Say("client", $"has signed a receipt for that content, {DemoReceipt.Rating} of 5");
        await WaitForAsync("client_confirmed");
        script.Say("client", "reads the whole story: " + DemoReceipt.Recall(await client.StatusAsync(quote.OrderId, cancellationToken)));

        // Not a buyer's own patience, which is made for hours.
        async Task WaitForAsync(string word)
        {
            for (; ; await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken))
            {
                if ((await client.StatusAsync(quote.OrderId, cancellationToken)).StatusV11 == word) { break; }
            }

            script.Say("client", $"would read the status {word}");
        }
    }

    private static string[] Serve(string folder) =>
    [
        "serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(folder, "data"), "--set", "Ivxp:Push:Timeout=00:00:02", "--set", "Ivxp:Push:Delays:0=00:00:00",
        .. Enumerable.Range(1, 5).SelectMany(push => new[] { "--set", $"Ivxp:Push:Delays:{push}=00:00:0{PushSeconds}" }),
    ];

    /// <summary>Of the provider's lines, its first address and the room's log messages.</summary>
    private static void HearProvider(Script script, string line, TaskCompletionSource<string> serving)
    {
        const string First = "Serving ";
        if (line.StartsWith(First, StringComparison.Ordinal)) { serving.TrySetResult(line[First.Length..]); }
        var room = line.IndexOf(" Posthouse.Ivxp[", StringComparison.Ordinal);
        if (room >= 0) { script.Say("provider", line[(line.IndexOf(']', room) + 2)..]); }
    }

    /// <summary>An address where nothing listens now. Another program could take it until the listener starts; then the demo says so and ends.</summary>
    private static string FreeAddress()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return "http://" + probe.LocalEndpoint;
    }

    /// <summary>Prints who says what, and when.</summary>
    private sealed class Script(TextWriter output, TimeProvider time)
    {
        private readonly TextWriter _output = TextWriter.Synchronized(output);
        private readonly long _began = time.GetTimestamp();

        public void Say(string who, string what) =>
            _output.WriteLine($"T+{time.GetElapsedTime(_began):hh\\:mm\\:ss\\.f}  {who,-8}  {TextTable.Clean(what, Terminal.OfProcess().Unicode)}");
    }
}
