using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Selling;
using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.AspNetCore.Dashboard.Orders;

/// <summary>One order, with all that is known of it.</summary>
/// <param name="Order">The order.</param>
/// <param name="Story">What happened to it.</param>
/// <param name="Result">What was made; null: nothing yet. Its content is null once its retention is over, or while it cannot be read.</param>
/// <param name="Trouble">Why the content cannot be read; null: it can.</param>
/// <param name="Work">The job that does its work, while the queue keeps it.</param>
/// <param name="Push">The job of the present round of pushes, while the queue keeps it.</param>
/// <param name="WorkEvents">What the log has of the work, oldest first.</param>
/// <param name="Now">When.</param>
internal sealed record OrderSheet(
    Order Order, OrderStory Story, StoredDeliverable? Result, PosthouseException? Trouble, JobRecord? Work, JobRecord? Push, IReadOnlyList<StoredEvent> WorkEvents, DateTimeOffset Now)
{
    /// <summary>What changes when anything of it does.</summary>
    public string Stamp => OrderFace.Stamp(Order, Work, Push);
}

/// <summary><c>/orders/order?id=ID</c>, and <c>/orders/download?id=ID</c>: its result as a file.</summary>
internal static class OrderPage
{
    /// <summary>Work is attempted eight times unless it is configured otherwise.</summary>
    private const int MostEvents = 200;

    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge)
    {
        endpoints.MapPage(edge, "/orders/order", context => ShowAsync(context, edge.Time.GetUtcNow()));
        endpoints.MapPage(edge, "/orders/download", DownloadAsync);
    }

    /// <summary>The order that a request names.</summary>
    /// <exception cref="PosthouseException">ORDER_NOT_FOUND.</exception>
    public static async Task<Order> FindAsync(IServiceProvider services, string? id) =>
        OrderId.IsValid(id) && services.GetService<OrderBook>() is { } book && await book.FindAsync(id) is { } order
            ? order
            : throw new PosthouseException(IvxpErrors.OrderNotFound, "No such order is here.");

    private static async Task<IResult> ShowAsync(HttpContext context, DateTimeOffset now)
    {
        var (query, services) = (context.Request.Query, context.RequestServices);
        var order = await FindAsync(services, query["id"]);
        var (work, push) = (await JobAsync(services, order.WorkJob), await JobAsync(services, order.PushJob));
        if (query["part"] != "order")
        {
            return new Page(order.ServiceType, Room.Orders, OrderCard.Of(await LookAsync(services, order, work, push, now))) { Done = OrderActions.Said(query) };
        }

        // The log is looked through for its events: not while nothing happened to it.
        return query["stamp"] == OrderFace.Stamp(order, work, push)
            ? Results.NoContent()
            : new Part(OrderCard.Of(await LookAsync(services, order, work, push, now)));
    }

    /// <summary>The content as it was stored, for the seller: it counts as no delivery. A file is saved and never shown, whatever is in it.</summary>
    private static async Task<IResult> DownloadAsync(HttpContext context)
    {
        var order = await FindAsync(context.RequestServices, context.Request.Query["id"]);
        var (_, result) = await context.RequestServices.GetRequiredService<OrderBook>().FindWithDeliverableAsync(order.Id);
        return result?.Content is { } content
            ? Results.File(content, "application/octet-stream", order.Id + ".json")
            : DashboardEdge.Failed(result is null ? StatusCodes.Status404NotFound : StatusCodes.Status410Gone, result is null ? IvxpErrors.DeliverableNotReady : IvxpErrors.OrderExpired,
                result is null ? "Nothing was made for this order yet." : "The content is no longer kept; its hashes and signatures are.", OrderFace.Path(order.Id));
    }

    private static async Task<JobRecord?> JobAsync(IServiceProvider services, string? id) =>
        id is not null && JobId.TryParse(id, out var known) ? await services.GetRequiredService<IJobStore>().GetAsync(known) : null;

    private static async Task<OrderSheet> LookAsync(IServiceProvider services, Order order, JobRecord? work, JobRecord? push, DateTimeOffset now)
    {
        var book = services.GetRequiredService<OrderBook>();
        var story = await book.ReadAsync(read => OrderStory.Read(read, order.Id));
        var (result, trouble) = await ResultAsync(book, order.Id);
        var events = order.WorkJob is { } job
            ? await services.GetRequiredService<IJobStore>().ReadEventsAsync(0, new EventFilter(null, JobEventBodies.Room, job), MostEvents)
            : [];
        return new(order, story, result, trouble, work, push, events, now);
    }

    /// <summary>A content that cannot be read, because a folder is away, must not hide the order.</summary>
    private static async Task<(StoredDeliverable? Result, PosthouseException? Trouble)> ResultAsync(OrderBook book, string id)
    {
        try
        {
            return ((await book.FindWithDeliverableAsync(id)).Deliverable, null);
        }
        catch (PosthouseException failure)
        {
            return ((await book.FindWithHeadAsync(id)).Head is { } head ? head with { Content = null } : null, failure);
        }
    }
}
