using Microsoft.Extensions.DependencyInjection;
using Posthouse.Hosting;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Proofs;
using Posthouse.Ivxp.Payments;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.SystemTests.Ivxp.Chain;

/// <summary>A provider inside the test, with a clock that can be set on, whose chain is real and whose client pays with our own <see cref="ChainWallet"/>.</summary>
internal sealed class ChainStage : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-chain-").FullName;
    private readonly ServiceProvider _services;

    private ChainStage(Anvil chain, Func<IvxpOptions, IvxpOptions>? configure)
    {
        Provider = Wallet.Create(SystemIds.Instance, Secp256k1.Best);
        Client = Wallet.Create(SystemIds.Instance, Secp256k1.Best);
        var options = new IvxpOptions { Wallet = Provider, Network = UsdcNetwork.BaseSepolia, RpcUrl = () => chain.Url, Services = DevOffers.All(Time) };
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.AddPosthouse().UseSqlite(Path.Combine(_folder, "posthouse.db")).AddIvxp(configure?.Invoke(options) ?? options);
        _services = services.BuildServiceProvider();
        Rpc = new EthereumRpc(IvxpExchanges.Create(options.Push, Time).Chain, chain.Url, TimeSpan.FromSeconds(10));
    }

    public ShiftedTime Time { get; } = new();

    public Wallet Provider { get; }

    public Wallet Client { get; }

    public EthereumRpc Rpc { get; }

    /// <summary>The client's own wallet on the chain.</summary>
    public ChainWallet Purse => new(Rpc, Client, FeeRule.Default);

    public static async Task<ChainStage> StartAsync(Anvil chain, Func<IvxpOptions, IvxpOptions>? configure = null)
    {
        var stage = new ChainStage(chain, configure);
        await stage._services.StartPosthouse();
        await chain.FundAsync(stage.Provider.Address);
        await chain.FundAsync(stage.Client.Address);
        await chain.MintAsync(stage.Client.Address, 100_000_000);
        return stage;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public async Task<string> QuoteAsync()
    {
        var request = new ServiceRequest(IvxpProtocol.Version11, IvxpProtocol.MessageTypes.Request, WireTime.Write(Time.GetUtcNow()),
            new ClientAgent("test", Client.Address.ToString()), new RequestedWork("text_echo", "hello", UsdcAmount.FromUnits(100_000_000)));
        return (await Get<RequestQuote>().AnswerAsync(request)).Answer.ShouldNotBeNull().OrderId;
    }

    public async Task<Refusal?> ProveAsync(string order, string transaction)
    {
        var now = WireTime.Write(Time.GetUtcNow());
        var text = SignedText.Payment.Build(new SignedFields(order, transaction, now));
        var proof = new DeliveryRequest(IvxpProtocol.Version11, IvxpProtocol.MessageTypes.DeliveryRequest, now, order,
            new PaymentProof(transaction, Client.Address.ToString(), UsdcNetwork.BaseSepolia.Id), Client.Sign(text).ToString(), text, null);
        return (await Get<AcceptPayment>().AnswerAsync(ProofOfPayment.From(proof).Answer!, CancellationToken.None)).Refusal;
    }

    /// <summary>Signs a transfer of 5 USDC to the provider; nothing is sent.</summary>
    public Task<SignedTransaction> PrepareAsync() => Purse.PrepareTransferAsync(UsdcNetwork.BaseSepolia, Provider.Address, UsdcAmount.FromUnits(5_000_000));

    /// <summary>Reads the books again and again until they say something; the chain that they wait for wakes nobody.</summary>
    public async Task UntilAsync(Func<IRead, bool> says)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await Get<IStore>().ReadAsync(says))
        {
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>Sends a payment and waits until a block shows it.</summary>
    public async Task PayAsync(Anvil chain, SignedTransaction payment)
    {
        (await Purse.SendAsync(payment)).Outcome.ShouldBe(SendOutcome.Taken);
        await chain.ReceiptAsync(payment.Hash);
    }

    public async ValueTask DisposeAsync()
    {
        await Get<PosthouseHost>().StopAsync();
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>The system's clock, set on by as much as a test likes.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
}
