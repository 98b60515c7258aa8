using System.Text;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Proofs;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp;

/// <summary>Ways in which others were robbed through proofs of payment, each named after its trap.</summary>
public sealed class TrapTests
{
    [Fact]
    public async Task Trap_tx_reuse_over_orders_and_by_case_alias()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var paid = await stage.PayAsync();
        (await stage.ProveAsync(stage.Proof(await stage.QuoteAsync(), paid))).Refusal.ShouldBeNull();

        var alias = "0x" + paid[2..].ToUpperInvariant();
        foreach (var spelling in new[] { paid, alias })
        {
            var refusal = (await stage.ProveAsync(stage.Proof(await stage.QuoteAsync(), spelling))).Refusal!;
            (refusal.Code, refusal.Reason).ShouldBe((IvxpErrors.PaymentNotVerified, "transaction_used"));
        }
    }

    [Theory]
    [InlineData("wire")]
    [InlineData("workflow")]
    [InlineData("hub")]
    public async Task Trap_claiming_somebody_elses_payment_fails_in_every_dialect(string dialect)
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var thief = Wallet.Create(new SeededIds(3), Secp256k1.Best);
        var paid = await stage.PayAsync();
        var order = await stage.QuoteAsync(client: thief);

        var refusal = (await stage.ProveAsync(Proof(stage, dialect, order, paid, thief))).Refusal!;
        (refusal.Code, refusal.Reason).ShouldBe((IvxpErrors.PaymentNotVerified, "wrong_payer"));
        // The victim's order with the thief's signature, under either name.
        var victims = await stage.QuoteAsync();
        foreach (var payer in new[] { thief, stage.Client })
            (await stage.ProveAsync(Proof(stage, dialect, victims, paid, thief) with { Payer = payer.Address.ToString() })).Refusal!.Code.ShouldBe(IvxpErrors.SignatureInvalid);
    }

    [Fact]
    public async Task Trap_signature_substitution_a_text_that_only_contains_the_right_words_is_none()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var (order, paid) = (await stage.QuoteAsync(), await stage.PayAsync());
        var good = Proof(stage, "wire", order, paid, stage.Client);
        var hub = Proof(stage, "hub", order, paid, stage.Client);
        var other = "0x" + new string('1', 64);
        foreach (var text in new[]
        {
            "I pay. " + good.Text, good.Text + " | and more", good.Text.Replace(" | Timestamp", $" | Payment: {other} | Timestamp", StringComparison.Ordinal),
            good.Text.Replace(paid, other, StringComparison.Ordinal), order, hub.Text.Replace("Identity", "identity", StringComparison.Ordinal), "\n" + hub.Text,
            $"Confirm delivery: {order} | Timestamp: {good.Timestamp}", $"Order: {order} | Received: {good.Timestamp} | Satisfied: true",
        })
        {
            var forged = good with { Text = text, Signature = stage.Client.Sign(text).ToString() };
            (await stage.ProveAsync(forged)).Refusal!.Code.ShouldBe(IvxpErrors.SignatureInvalid, text);
        }
    }

    [Fact]
    public async Task Trap_forms_are_not_interchangeable_a_workflow_signs_its_payment_and_a_browser_itself()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var (order, paid) = (await stage.QuoteAsync(), await stage.PayAsync());
        var workflow = Proof(stage, "workflow", order, paid, stage.Client);
        var hub = Proof(stage, "hub", order, paid, stage.Client);

        (await stage.ProveAsync(workflow with { Text = hub.Text, Signature = hub.Signature })).Refusal!.Reason.ShouldBe("text");
        (await stage.ProveAsync(hub with { Text = workflow.Text, Signature = workflow.Signature })).Refusal!.Reason.ShouldBe("text");
        // A browser's text names its own account.
        var foreign = SignedText.Identity.Build(new SignedFields(order, Address: stage.Wallet.Address.ToString(), UnixMilliseconds: Unix(stage)));
        (await stage.ProveAsync(hub with { Text = foreign, Signature = stage.Client.Sign(foreign).ToString() })).Refusal!.Reason.ShouldBe("address");
    }

    [Fact]
    public async Task Trap_replay_a_nonce_stands_for_one_payment()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var order = await stage.QuoteAsync();
        var (first, second) = (await stage.PayAsync("4"), await stage.PayAsync());
        stage.ChainIsDown = true;
        (await stage.ProveAsync(WithNonce(stage, order, first))).Refusal!.Code.ShouldBe(IvxpErrors.ServiceUnavailable);
        (await stage.ProveAsync(WithNonce(stage, order, first))).Refusal!.Code.ShouldBe(IvxpErrors.ServiceUnavailable);
        stage.ChainIsDown = false;

        var refusal = (await stage.ProveAsync(WithNonce(stage, order, second))).Refusal!;
        (refusal.Code, refusal.Reason).ShouldBe((IvxpErrors.SignatureInvalid, "nonce"));
        (await stage.ProveAsync(WithNonce(stage, order, second, "another-nonce-16"))).Refusal.ShouldBeNull();
        (await stage.ProveAsync(WithNonce(stage, order, second, "another-nonce-16"))).Refusal.ShouldBeNull();
        // The body's nonce cannot say otherwise than the text's.
        (await stage.ProveAsync(WithNonce(stage, order, second) with { Nonce = "0123456789abcdeX" })).Refusal!.Reason.ShouldBe("nonce");
    }

    [Fact]
    public async Task Trap_zero_address_is_no_client_and_a_failed_recovery_no_signer()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var request = Request(stage, new ClientAgent("hub", "0x" + new string('0', 40)));
        var refusal = (await stage.Get<RequestQuote>().AnswerAsync(request)).Refusal!;
        (refusal.Code, refusal.Reason).ShouldBe((IvxpErrors.InvalidRequest, "zero_address"));

        var proof = stage.Proof(await stage.QuoteAsync(), await stage.PayAsync());
        var nobody = proof with { Signature = "0x" + new string('0', 63) + "5" + new string('0', 63) + "1" + "1b", PaymentProof = proof.PaymentProof with { FromAddress = "0x" + new string('0', 40) } };
        (await stage.ProveAsync(nobody)).Refusal!.Code.ShouldBe(IvxpErrors.SignatureInvalid);
    }

    [Fact]
    public async Task Trap_malleability_the_other_half_of_a_signature_is_refused_and_no_key_of_anything()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var proof = stage.Proof(await stage.QuoteAsync(), await stage.PayAsync());
        var order = System.Numerics.BigInteger.Parse("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", System.Globalization.NumberStyles.HexNumber, null);
        var s = System.Numerics.BigInteger.Parse("0" + proof.Signature[66..130], System.Globalization.NumberStyles.HexNumber, null);
        var high = (order - s).ToString("x64", null)[^64..];
        var twin = proof.Signature[..66] + high + (proof.Signature.EndsWith("1b", StringComparison.Ordinal) ? "1c" : "1b");

        foreach (var bad in new[] { twin, proof.Signature[..^2] + "1d", proof.Signature[..66] + new string('0', 64) + "1b", proof.Signature + "00" })
            (await stage.ProveAsync(proof with { Signature = bad })).Refusal!.Reason.ShouldBe("signer", bad);
        (await stage.ProveAsync(proof with { Signature = proof.Signature[..^2] + (proof.Signature.EndsWith("1b", StringComparison.Ordinal) ? "00" : "01") })).Refusal.ShouldBeNull();
    }

    [Fact]
    public void Trap_byte_length_in_the_prefix_counts_bytes_and_not_characters()
    {
        const string Text = "größe 🌍";
        var bytes = Encoding.UTF8.GetByteCount(Text);
        bytes.ShouldNotBe(Text.Length);
        PersonalMessage.Digest(Text).ShouldBe(Keccak256.Hash([.. Encoding.UTF8.GetBytes($"\u0019Ethereum Signed Message:\n{bytes}"), .. Encoding.UTF8.GetBytes(Text)]));
    }

    [Fact]
    public async Task Trap_skew_is_found_before_paying_and_the_answer_tells_the_servers_time()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        foreach (var off in new[] { -301, 61 })
        {
            var request = Request(stage, null) with { Timestamp = WireTime.Write(stage.Time.GetUtcNow().AddSeconds(off)) };
            var refusal = (await stage.Get<RequestQuote>().AnswerAsync(request)).Refusal!;
            refusal.Code.ShouldBe(IvxpErrors.InvalidTimestamp);
            refusal.Message.ShouldContain(WireTime.Write(stage.Time.GetUtcNow()));
        }
    }

    [Fact]
    public async Task Trap_address_case_changes_nothing()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var request = Request(stage, new ClientAgent("t", stage.Client.Address.ToChecksum()));
        var order = (await stage.Get<RequestQuote>().AnswerAsync(request)).Answer!.OrderId;
        var proof = Proof(stage, "hub", order, await stage.PayAsync(), stage.Client) with { Payer = "0x" + stage.Client.Address.ToString()[2..].ToUpperInvariant() };
        (await stage.ProveAsync(proof)).Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Trap_rpc_outage_is_503_with_a_time_and_never_402()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.QuoteAsync();
        var proof = Proof(stage, "hub", order, await stage.PayAsync(), stage.Client);
        stage.ChainIsDown = true;
        var refusal = (await stage.ProveAsync(proof)).Refusal!;
        (refusal.Code, refusal.RetryAfter is not null).ShouldBe((IvxpErrors.ServiceUnavailable, true));
        stage.ChainIsDown = false;
        await stage.PassUntilAsync(order, found => found.State == OrderState.ReadyForPickup);

        // The provider found the payment by itself, so that the first answer, and it alone, still has the secret.
        var told = (await stage.ProveAsync(proof)).Answer!.WebhookSecret;
        told.ShouldBe((await stage.OrderAsync(order)).WebhookSecret.ShouldNotBeNull());
        (await stage.ProveAsync(proof)).Answer!.WebhookSecret.ShouldBeNull();
    }

    [Theory]
    [InlineData("a@b.example", true)]
    [InlineData("a.b+c@sub.b.example", true)]
    [InlineData("", false)]
    [InlineData("a@b.example, c@d.example", false)]
    [InlineData("a@b.example\r\nBcc: x@y.example", false)]
    [InlineData("A <a@b.example>", false)]
    [InlineData("a@@b.example", false)]
    [InlineData("a@-b.example", false)]
    [InlineData("a..b@c.example", false)]
    public async Task An_address_for_notices_is_one_plain_address(string email, bool isTaken)
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var reply = await stage.Get<RequestQuote>().AnswerAsync(Request(stage, new ClientAgent("t", stage.Client.Address.ToString(), Email: email)));
        reply.Refusal?.Reason.ShouldBe("email");
        (reply.Answer is not null).ShouldBe(isTaken);
        if (isTaken)
            (await stage.OrderAsync(reply.Answer!.OrderId)).ClientEmail.ShouldBe(email);
    }

    private static ServiceRequest Request(ProviderStage stage, ClientAgent? client) => new(
        IvxpProtocol.Version10, IvxpProtocol.MessageTypes.Request, WireTime.Write(stage.Time.GetUtcNow()),
        client ?? new ClientAgent("t", stage.Client.Address.ToString()), new RequestedWork("text_echo", "x", UsdcAmount.FromUnits(5_000_000)));

    private static ProofOfPayment WithNonce(ProviderStage stage, string order, string transaction, string nonce = "0123456789abcdef")
    {
        var now = WireTime.Write(stage.Time.GetUtcNow());
        var text = SignedText.PaymentWithNonce.Build(new SignedFields(order, transaction, now, nonce));
        return ProofOfPayment.From(stage.Proof(order, transaction) with { SignedMessage = text, Signature = stage.Client.Sign(text).ToString(), Nonce = nonce }).Answer!;
    }

    private static ProofOfPayment Proof(ProviderStage stage, string dialect, string order, string transaction, Wallet signer)
    {
        var wire = stage.Proof(order, transaction, signer: signer);
        var account = signer.Address.ToString();
        var identity = SignedText.Identity.Build(new SignedFields(order, Address: account, UnixMilliseconds: Unix(stage)));
        return dialect switch
        {
            "wire" => ProofOfPayment.From(wire).Answer!,
            "workflow" => ProofOfPayment.From(new WorkflowPayment(IvxpProtocol.Version10, IvxpProtocol.MessageTypes.PaymentProof, wire.Timestamp, order,
                new NamedPayment(transaction, UsdcNetwork.BaseSepolia.Id), new NestedSignature(wire.SignedMessage, wire.Signature, account)), order).Answer!,
            _ => ProofOfPayment.From(new HubDelivery(order, new NamedPayment(transaction, UsdcNetwork.BaseSepolia.Id),
                new NestedSignature(identity, signer.Sign(identity).ToString(), account)), order).Answer!,
        };
    }

    private static string Unix(ProviderStage stage) =>
        stage.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
}
