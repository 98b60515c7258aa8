using System.Text.Json.Serialization;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Notices;
using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Ivxp.Orders.Proofs;
using Posthouse.Ivxp.Orders.Pushes;

namespace Posthouse.Ivxp.Orders;

/// <summary>How the room's jobs are written; the generated registry makes it with the house's pinned options.</summary>
[JsonSerializable(typeof(PerformWork))]
[JsonSerializable(typeof(PushDelivery))]
[JsonSerializable(typeof(CheckPayment))]
[JsonSerializable(typeof(SweepOrders))]
[JsonSerializable(typeof(MailNotice))]
[JsonSerializable(typeof(WebhookNotice))]
[JsonSerializable(typeof(AnnounceReady))]
[JsonSerializable(typeof(Client.TakeStep))]
internal sealed partial class IvxpJobsJson : JsonSerializerContext;
