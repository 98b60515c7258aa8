using System.Collections.Frozen;
using static Posthouse.Ivxp.Orders.OrderEvent;
using static Posthouse.Ivxp.Orders.OrderState;

namespace Posthouse.Ivxp.Orders;

/// <summary>One row of the law: in any of <see cref="From"/>, <see cref="Event"/> leads to <see cref="To"/>.</summary>
/// <param name="Number">The row's number in <c>spec/ivxp/state-machine.md</c>.</param>
/// <param name="From">States in which the event may happen; empty for an order that does not exist yet.</param>
/// <param name="Event">What happens.</param>
/// <param name="To">The next state; null leaves the state as it is and still records the event.</param>
public sealed record OrderTransition(string Number, IReadOnlyList<OrderState> From, OrderEvent Event, OrderState? To);

/// <summary>
/// The state machine of an order, as one table. It is drawn in <c>spec/ivxp/state-machine.md</c> and proved equal to it.
/// What stands in no row is refused and changes nothing.
/// </summary>
public static class OrderLaw
{
    // Before Rows, which is made of it.
    private static readonly OrderState[] EverPaid =
        [Paid, Processing, Ready, ReadyForPickup, Posted, Delivered, ClientConfirmed, DeliveryFailed, Disputed, ExpiredRetention, Refunded];

    // Where an order may have come by the time its notice is taken.
    private static readonly OrderState[] EverOffered =
        [Ready, ReadyForPickup, Posted, Delivered, ClientConfirmed, DeliveryFailed, Disputed, ExpiredRetention, Refunded];

    /// <summary>Every row.</summary>
    public static IReadOnlyList<OrderTransition> Rows { get; } =
    [
        new("1", [], Requested, Quoted),
        new("2", [Quoted], PaymentVerified, Paid),
        new("2a", [ExpiredQuote], PaymentVerified, Paid),
        new("2b", EverPaid, PaymentRepeated, null),
        new("3", [Paid, Processing], WorkStarted, Processing),
        new("3a", [DeliveryFailed], WorkStarted, Processing),
        new("4", [Processing], StoredForPush, Ready),
        new("4a", [Processing], StoredForPickup, ReadyForPickup),
        new("5", [Processing], WorkFailed, DeliveryFailed),
        new("6", [Ready, ReadyForPickup], PushSucceeded, Posted),
        new("6a", [Delivered, ClientConfirmed, Disputed], PushSucceeded, null),
        new("7", [Ready], PushFailed, ReadyForPickup),
        new("8", [ReadyForPickup], PushFailed, null),
        new("9", [Ready, ReadyForPickup, Posted], Downloaded, Delivered),
        new("10", [Ready, ReadyForPickup, Posted, Delivered, Disputed], ReceiptSigned, ClientConfirmed),
        new("11", [Ready, ReadyForPickup, Posted, Delivered, DeliveryFailed, ExpiredRetention], DisputeSigned, Disputed),
        new("12", [Disputed], DisputeClosed, DeliveryFailed),
        new("12a", [Disputed, DeliveryFailed], MoneyReturned, Refunded),
        new("12b", [Disputed], RedeliveredForPickup, ReadyForPickup),
        new("13", [Quoted], QuoteExpired, ExpiredQuote),
        new("14", [ReadyForPickup], RetentionOver, ExpiredRetention),
        new("14b", [Posted, Delivered, ClientConfirmed], RetentionOver, null),
        new("14c", [DeliveryFailed, Refunded], RetentionOver, null),
        new("15", [ReadyForPickup, Posted, Delivered, Disputed], RedeliveredByPush, Ready),
        new("16", EverOffered, NoticeSent, null),
    ];

    private static readonly FrozenDictionary<(OrderState?, OrderEvent), OrderTransition> Index = Rows
        .SelectMany(row => row.From.Count == 0
            ? [KeyValuePair.Create(((OrderState?)null, row.Event), row)]
            : row.From.Select(from => KeyValuePair.Create(((OrderState?)from, row.Event), row)))
        .ToFrozenDictionary();

    private static readonly FrozenDictionary<OrderState, string> Names = Enum.GetValues<OrderState>().ToFrozenDictionary(state => state, Spell);

    private static readonly FrozenDictionary<string, OrderState> States = Names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>The row for an event in a state, or null if the law has none.</summary>
    /// <param name="from">The present state, null before the order exists.</param>
    /// <param name="happened">What happens.</param>
    public static OrderTransition? Find(OrderState? from, OrderEvent happened) => Index.GetValueOrDefault((from, happened));

    /// <summary>The state after an event, which may be the same; null if the law refuses it.</summary>
    public static OrderState? Next(OrderState? from, OrderEvent happened) => Find(from, happened) is { } row ? row.To ?? from : null;

    /// <summary>The stored name of a state, such as <c>ready_for_pickup</c>.</summary>
    public static string Name(OrderState state) => Names[state];

    /// <summary>The state of a stored name.</summary>
    /// <exception cref="KeyNotFoundException">No such name.</exception>
    public static OrderState Parse(string name) => States[name];

    private static string Spell(OrderState state) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());
}
