using System.Text.Json.Serialization;

namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>A client asks for a service: the body of <see cref="IvxpProtocol.Routes.Request"/>.</summary>
/// <param name="Protocol">The version in which the whole order is answered.</param>
/// <param name="MessageType"><see cref="IvxpProtocol.MessageTypes.Request"/>.</param>
/// <param name="Timestamp">When it was sent; judged like a proof's, so that a wrong clock shows before money moves.</param>
/// <param name="ClientAgent">Who asks.</param>
/// <param name="Request">What is asked for.</param>
public sealed record ServiceRequest(
    string Protocol,
    string MessageType,
    string Timestamp,
    ClientAgent ClientAgent,
    [property: JsonPropertyName("service_request")] RequestedWork Request);

/// <summary>The client of an order.</summary>
/// <param name="Name">Its name.</param>
/// <param name="WalletAddress">The account that will pay and sign.</param>
/// <param name="ContactEndpoint">Where to push the result if the proof of payment names no endpoint.</param>
/// <param name="Email">Where to send a notice when the result waits; never shown in an answer.</param>
public sealed record ClientAgent(string Name, string WalletAddress, string? ContactEndpoint = null, string? Email = null);

/// <summary>The work that is asked for.</summary>
/// <param name="Type">A service of the catalog.</param>
/// <param name="Description">The input of the work, often JSON in a string.</param>
/// <param name="BudgetUsdc">The most that the client will pay, in USDC, above 0.</param>
/// <param name="DeliveryFormat"><c>markdown</c>, <c>json</c> or <c>code</c>: a wish.</param>
/// <param name="Deadline">When the client needs it: a wish.</param>
public sealed record RequestedWork(
    string Type,
    string Description,
    [property: JsonConverter(typeof(UsdcFloorConverter))] UsdcAmount BudgetUsdc,
    string? DeliveryFormat = null,
    string? Deadline = null);
