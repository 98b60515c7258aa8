using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Signing;

namespace Posthouse.Tests.Ivxp.Client;

/// <summary>Which of the known providers a test double behaves like.</summary>
public enum Speaks
{
    /// <summary>K: orders as resources, nested signatures.</summary>
    Workflow,

    /// <summary>W: the documented paths, texts with a nonce alone.</summary>
    Wire,

    /// <summary>F: flat answers, sentences for errors, bare hashes, a proof taken once.</summary>
    Flat,

    /// <summary>P: version 1.0 alone, Python's hash, times without a zone.</summary>
    Python,
}

/// <summary>
/// A provider written after the shapes in the digest of the originals, as small as they are: everything in memory, no persistence. What
/// goes wrong on the way to it and back is the test's.
/// </summary>
internal sealed class SmallProvider(Speaks dialect, TimeProvider time) : IExchange
{
    private const string Python = "\"text\": \"gr\\u00fc\\u00dfe\"";

    private readonly Wallet _wallet = Wallet.Create(new SeededIds(7), Secp256k1.Best);
    private readonly Dictionary<string, JsonObject> _orders = [];
    private readonly HashSet<string> _paidBy = [];

    public static Uri Url { get; } = new("http://provider.example/");

    public EthereumAddress Address => _wallet.Address;

    public List<string> Asked { get; } = [];

    public int Payments { get; private set; }

    public string? LastPayment { get; private set; }

    /// <summary>How often a status is asked before there is a result.</summary>
    public int WorkTakes { get; set; } = 2;

    /// <summary>Stands between: throws instead of asking, or loses the answer.</summary>
    public Func<ExchangeRequest, Func<ExchangeResponse>, ExchangeResponse>? Road { get; set; }

    /// <summary>How far its clock is ahead; it then refuses stale timestamps.</summary>
    public TimeSpan Ahead { get; set; }

    public Func<JsonObject, JsonObject> Edit { get; set; } = body => body;

    public JsonObject Order(string id) => _orders[id];

    public Task<ExchangeResponse> SendAsync(ExchangeRequest request, CancellationToken cancellationToken = default)
    {
        Asked.Add($"{request.Method} {request.Uri.AbsolutePath}");
        return Task.FromResult(Road is { } road ? road(request, () => Answer(request)) : Answer(request));
    }

    private ExchangeResponse Answer(ExchangeRequest request)
    {
        var parts = request.Uri.AbsolutePath.Trim('/').Split('/');
        var body = request.Body.IsEmpty ? null : JsonNode.Parse(request.Body.Span)!.AsObject();
        if (body?["timestamp"]?.GetValue<string>() is { } stamp && Ahead != TimeSpan.Zero
            && !WireTime.IsFresh(DateTimeOffset.Parse(stamp, CultureInfo.InvariantCulture), time.GetUtcNow() + Ahead))
            return Error(400, "INVALID_TIMESTAMP", "stale");
        return (request.Method.Method, parts) switch
        {
            ("POST", ["dev", "chain"]) => Chain(body!),
            ("POST", ["ivxp", "request"]) => Quote(body!),
            ("POST", ["ivxp", "orders", var id, "payment"]) when dialect is Speaks.Workflow => Prove(id, body!, body!["signature"]!["message"]!, body["signature"]!["sig"]!, body["payment"]!["tx_hash"]!),
            ("POST", ["ivxp", "deliver"]) when dialect is not Speaks.Workflow =>
                Prove(body!["order_id"]!.GetValue<string>(), body!, body["signed_message"]!, body["signature"]!, body["payment_proof"]!["tx_hash"]!),
            ("GET", ["ivxp", "orders", var id]) when dialect is Speaks.Workflow => Status(id),
            ("GET", ["ivxp", "status", var id]) when dialect is not Speaks.Workflow => Status(id),
            ("GET", ["ivxp", "orders", var id, "deliverable"]) when dialect is Speaks.Workflow => Download(id),
            ("GET", ["ivxp", "download", var id]) when dialect is not Speaks.Workflow => Download(id),
            ("POST", ["ivxp", "orders", var id, "confirm"]) when dialect is Speaks.Workflow => Confirm(id, body!),
            ("POST", ["ivxp", "confirm"]) when dialect is Speaks.Wire => Confirm(body!["order_id"]!.GetValue<string>(), body!),
            _ => Error(404, "NOT_FOUND", "No such path"),
        };
    }

    private ExchangeResponse Chain(JsonObject body)
    {
        if (body["method"]!.GetValue<string>() != "dev_pay")
            return Json(200, new JsonObject { ["result"] = "0x14a34" });
        Payments++;
        LastPayment = "0x" + Payments.ToString("x64", CultureInfo.InvariantCulture);
        return Json(200, new JsonObject { ["result"] = LastPayment });
    }

    private ExchangeResponse Quote(JsonObject body)
    {
        if (dialect is Speaks.Python && body["protocol"]!.GetValue<string>() != "IVXP/1.0")
            return Error(400, "PROTOCOL_VERSION_UNSUPPORTED", "1.0 alone");
        var id = OrderId.New(new SeededIds(100 + _orders.Count));
        _orders[id] = new JsonObject { ["client"] = body["client_agent"]!["wallet_address"]!.DeepClone(), ["status"] = "quoted" };
        return Json(200, Edit(new JsonObject
        {
            ["protocol"] = body["protocol"]!.DeepClone(),
            ["message_type"] = "service_quote",
            ["order_id"] = id,
            ["provider_agent"] = new JsonObject { ["name"] = "Small", ["wallet_address"] = _wallet.Address.ToString() },
            ["quote"] = new JsonObject { ["price_usdc"] = 5, ["payment_address"] = _wallet.Address.ToString(), ["network"] = "base-sepolia" },
        }));
    }

    private ExchangeResponse Prove(string id, JsonObject body, JsonNode message, JsonNode signature, JsonNode transaction)
    {
        var (order, text, paid) = (_orders[id], message.GetValue<string>(), transaction.GetValue<string>());
        EthereumSignature.TryParse(signature.GetValue<string>(), out var signed).ShouldBeTrue();
        PersonalMessage.IsSignedBy(text, signed, EthereumAddress.Parse(order["client"]!.GetValue<string>()), Secp256k1.Best).ShouldBeTrue();
        var kind = dialect is Speaks.Wire ? SignedText.PaymentWithNonce : SignedText.Payment;
        if (!kind.TryParse(text, out var fields) || fields.OrderId != id || fields.Payment != paid)
            return Error(401, "SIGNATURE_INVALID", "Another text is signed here");
        if (dialect is Speaks.Wire && fields.Nonce != body["nonce"]!.GetValue<string>())
            return Error(401, "SIGNATURE_INVALID", "Another nonce");
        if (!_paidBy.Add(paid) && dialect is Speaks.Flat)
            return Error(400, null, "Order has already been paid");
        order["tx"] = paid;
        order["status"] = "paid";
        return Json(200, new JsonObject { ["status"] = "accepted", ["order_id"] = id, ["message"] = "Thanks" });
    }

    private ExchangeResponse Status(string id)
    {
        if (!_orders.TryGetValue(id, out var order))
            return Error(404, "ORDER_NOT_FOUND", "Order not found");
        if (order["tx"] is not null && order["status"]!.GetValue<string>() == "paid" && --WorkTakes < 0)
            order["status"] = "delivered";
        var created = dialect is Speaks.Python ? "2026-02-05T12:00:00.123456" : "2026-02-05T12:00:00.000Z";
        var answer = new JsonObject { ["order_id"] = id, ["status"] = order["status"]!.DeepClone(), ["created_at"] = created };
        answer[dialect is Speaks.Flat ? "service" : "service_type"] = "echo";
        if (dialect is not Speaks.Flat)
            answer["price_usdc"] = 5.0;
        return Json(200, answer);
    }

    private ExchangeResponse Download(string id)
    {
        if (_orders[id]["status"]!.GetValue<string>() != "delivered")
            return dialect is Speaks.Workflow ? Error(404, "DELIVERABLE_NOT_READY", "Not yet") : Json(202, new JsonObject { ["status"] = "processing" });
        var content = new JsonObject { ["text"] = "grüße" };
        if (dialect is Speaks.Flat)
        {
            var flat = """{"text":"grüße"}""";
            return Json(200, Edit(new JsonObject { ["order_id"] = id, ["content"] = flat, ["content_type"] = "application/json", ["content_hash"] = ContentHash.OfText(flat) }));
        }

        var canonical = ContentHash.OfText("""{"text":"grüße"}""");
        return Json(200, Edit(new JsonObject
        {
            ["protocol"] = "IVXP/1.0",
            ["message_type"] = "service_delivery",
            ["order_id"] = id,
            ["status"] = "completed",
            ["provider_agent"] = new JsonObject { ["name"] = "Small", ["wallet_address"] = _wallet.Address.ToString() },
            ["deliverable"] = new JsonObject { ["type"] = "echo", ["content"] = content },
            ["content_hash"] = dialect is Speaks.Python ? ContentHash.OfText("{" + Python + "}") : "sha256:" + canonical,
            ["delivered_at"] = "2026-02-05T12:00:00.123456",
        }));
    }

    private ExchangeResponse Confirm(string id, JsonObject body)
    {
        var text = body["signed_message"]!.GetValue<string>();
        if (!SignedText.Receipt.TryParse(text, out var fields) || fields.OrderId != id || fields.ContentHash != body["confirmation"]!["content_hash"]!.GetValue<string>())
            return Error(401, "SIGNATURE_INVALID", "No receipt");
        _orders[id]["receipt"] = body.DeepClone();
        return Json(200, new JsonObject { ["status"] = "confirmed", ["confirmed_at"] = "2026-02-06T00:00:00.000Z" });
    }

    private ExchangeResponse Error(int status, string? code, string message) => Json(status, dialect is Speaks.Flat || code is null
        ? new JsonObject { ["error"] = message }
        : new JsonObject { ["error"] = code, ["message"] = message });

    private ExchangeResponse Json(int status, JsonObject body) => new(
        status, new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Date"] = (time.GetUtcNow() + Ahead).ToString("r", CultureInfo.InvariantCulture) },
        Encoding.UTF8.GetBytes(body.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })));
}
