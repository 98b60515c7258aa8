namespace Posthouse.Ivxp.Protocol;

/// <summary>
/// Every literal that travels over the IVXP wire, and every limit of it. What stands here stands in <c>spec/ivxp/wire.md</c>
/// too; names are append-only.
/// </summary>
public static class IvxpProtocol
{
    /// <summary>The first version, and what every catalog is written in.</summary>
    public const string Version10 = "IVXP/1.0";

    /// <summary>The version with store and forward; an order asked for in it is answered in it.</summary>
    public const string Version11 = "IVXP/1.1";

    /// <summary>What the secret of a webhook signature begins with (Standard Webhooks).</summary>
    public const string WebhookSecretPrefix = "whsec_";

    /// <summary>Whether a message of this version is understood.</summary>
    public static bool IsSupported(string? version) => version is Version10 or Version11;

    /// <summary>The paths of a provider. <c>{id}</c> stands for an order id.</summary>
    public static class Routes
    {
        /// <summary>GET and HEAD: what is for sale.</summary>
        public const string Catalog = "/ivxp/catalog";

        /// <summary>POST: a request, answered with a quote.</summary>
        public const string Request = "/ivxp/request";

        /// <summary>POST: the proof of payment.</summary>
        public const string Deliver = "/ivxp/deliver";

        /// <summary>GET: where an order stands.</summary>
        public const string Status = "/ivxp/status/{id}";

        /// <summary>GET: what was bought.</summary>
        public const string Download = "/ivxp/download/{id}";

        /// <summary>GET: where an order stands, for clients of version 1.0 alone.</summary>
        public const string Order = "/ivxp/orders/{id}";

        /// <summary>POST: the proof of payment, with a nested signature.</summary>
        public const string OrderPayment = "/ivxp/orders/{id}/payment";

        /// <summary>GET: what was bought; never 202.</summary>
        public const string OrderDeliverable = "/ivxp/orders/{id}/deliverable";

        /// <summary>POST: the client confirms or disputes a delivery.</summary>
        public const string Confirm = "/ivxp/confirm";

        /// <summary>POST: as <see cref="Confirm"/>, for clients that name the order in the path.</summary>
        public const string ConfirmOrder = "/ivxp/confirm/{id}";

        /// <summary>POST: as <see cref="Confirm"/>, for clients of the workflow dialect.</summary>
        public const string OrderConfirm = "/ivxp/orders/{id}/confirm";

        /// <summary>POST, signed: the client asks for another round of pushes.</summary>
        public const string OrderRedeliver = "/ivxp/orders/{id}/redeliver";

        /// <summary>GET: what both sides signed about an order.</summary>
        public const string OrderReceipt = "/ivxp/orders/{id}/receipt";

        /// <summary>GET, signed: a client's own orders since a cursor.</summary>
        public const string Inbox = "/ivxp/inbox";

        /// <summary>GET: what clients signed about each service.</summary>
        public const string Reputation = "/ivxp/reputation";

        /// <summary>POST at the client: where a provider pushes what was bought.</summary>
        public const string Receive = "/ivxp/receive";

        /// <summary>POST at the client: the same, with the content as a string and at most 1 MiB.</summary>
        public const string Callback = "/ivxp/callback";

        /// <summary>POST: the development chain's JSON-RPC, served only with --dev.</summary>
        public const string DevChain = "/dev/chain";
    }

    /// <summary>Header fields.</summary>
    public static class Headers
    {
        /// <summary>Request: which view of an order to answer, <c>1.0</c> or <c>1.1</c>; overrides the order's own version. Answer: which view it is.</summary>
        public const string Version = "IVXP-Version";

        /// <summary>Push: the delivery's id, the same on every attempt.</summary>
        public const string DeliveryId = "IVXP-Delivery-Id";

        /// <summary>Push: which attempt this is, from 1.</summary>
        public const string Attempt = "IVXP-Attempt";

        /// <summary>Push: the delivery's id again, under the name of Standard Webhooks.</summary>
        public const string WebhookId = "webhook-id";

        /// <summary>Push: when this attempt was signed, in seconds since 1970.</summary>
        public const string WebhookTimestamp = "webhook-timestamp";

        /// <summary>Push: <c>v1,</c> and the HMAC-SHA256 of id, timestamp and body; several with blanks between them.</summary>
        public const string WebhookSignature = "webhook-signature";

        /// <summary>Signed download, redelivery and inbox: the client's account.</summary>
        public const string Address = "IVXP-Address";

        /// <summary>Signed download, redelivery and inbox: when it was signed.</summary>
        public const string Timestamp = "IVXP-Timestamp";

        /// <summary>The signature of <see cref="SignedText.Download"/>, <see cref="SignedText.Redeliver"/> or <see cref="SignedText.Inbox"/>.</summary>
        public const string Signature = "IVXP-Signature";
    }

    /// <summary>Values of <c>message_type</c>.</summary>
    public static class MessageTypes
    {
        /// <summary>Provider to client: the catalog.</summary>
        public const string Catalog = "service_catalog";

        /// <summary>Client to provider: a request.</summary>
        public const string Request = "service_request";

        /// <summary>Provider to client: a quote.</summary>
        public const string Quote = "service_quote";

        /// <summary>Client to provider: the proof of payment.</summary>
        public const string DeliveryRequest = "delivery_request";

        /// <summary>Client to provider: the proof of payment at <see cref="Routes.OrderPayment"/>.</summary>
        public const string PaymentProof = "payment_proof";

        /// <summary>Provider to client: what was bought.</summary>
        public const string Delivery = "service_delivery";

        /// <summary>Client to provider: a receipt or a dispute.</summary>
        public const string DeliveryConfirmation = "delivery_confirmation";
    }

    /// <summary>Values of <c>status</c> outside an order's own states, which stand in <see cref="Orders.OrderLaw"/>.</summary>
    public static class Statuses
    {
        /// <summary>The proof of payment was taken.</summary>
        public const string Accepted = "accepted";

        /// <summary>In a delivery: the work is complete.</summary>
        public const string Completed = "completed";

        /// <summary>Download too early: not paid yet.</summary>
        public const string PendingPayment = "pending_payment";

        /// <summary>Download too early: paid, not complete yet.</summary>
        public const string Processing = "processing";

        /// <summary>In the oldest confirmation: the result came.</summary>
        public const string Received = "received";

        /// <summary>A receipt was taken.</summary>
        public const string Confirmed = "confirmed";

        /// <summary>A dispute was taken.</summary>
        public const string Disputed = "disputed";
    }

    /// <summary>Messages of errors that the source documents spell out.</summary>
    public static class Messages
    {
        /// <summary>No such order.</summary>
        public const string OrderNotFound = "Order not found";

        /// <summary>The order's result is not there yet.</summary>
        public const string NotReady = "Service not ready";
    }

    /// <summary>Values of <c>capabilities</c> in the catalog.</summary>
    public static class Capabilities
    {
        /// <summary>Orders may be asked for in version 1.1.</summary>
        public const string Version11 = "ivxp/1.1";
    }

    /// <summary>Limits of the wire, each with its reason.</summary>
    public static class Limits
    {
        /// <summary>Bytes of a request's body: what the known providers take, far above any real message.</summary>
        public const int RequestBytes = 64 * 1024;

        /// <summary>Nesting of a message: the deepest message known has four levels; content may have more.</summary>
        public const int JsonDepth = 64;

        /// <summary>Characters of a signed text: the longest form has about 250.</summary>
        public const int SignedTextLength = 1024;

        /// <summary>Characters of a name, a service type or an address on the net; longer ones are mistakes or attacks.</summary>
        public const int NameLength = 256;

        /// <summary>Characters of a URL given by a client: what proxies pass on.</summary>
        public const int UrlLength = 2048;

        /// <summary>Characters of an e-mail address: RFC 5321, section 4.5.3.1.3.</summary>
        public const int EmailLength = 254;

        /// <summary>Characters of a dispute's reason: enough to say what is wrong, too few to store files in.</summary>
        public const int ReasonLength = 1000;

        /// <summary>Orders of one inbox page: an answer stays below 100 kB.</summary>
        public const int InboxPage = 100;

        /// <summary>Orders of one inbox page where none is asked for.</summary>
        public const int InboxPageDefault = 50;

        /// <summary>How old a signed message may be: time for a slow link, too short to collect signatures.</summary>
        public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(300);

        /// <summary>How far a client's clock may run ahead.</summary>
        public static readonly TimeSpan MaxAhead = TimeSpan.FromSeconds(60);

        /// <summary>How long a quote may be paid; both sources and the original use it.</summary>
        public static readonly TimeSpan PaymentTimeout = TimeSpan.FromSeconds(3600);

        /// <summary>Highest price of a service: the original's cap, far below where numbers of JavaScript lose units.</summary>
        public static readonly UsdcAmount MaxPrice = UsdcAmount.FromUnits(1_000_000L * UsdcAmount.UnitsPerUsdc);
    }
}
