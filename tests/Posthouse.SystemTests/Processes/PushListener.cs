using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.SystemTests.Processes;

/// <summary>A push as it arrived.</summary>
/// <param name="DeliveryId">The id that is the same in every push of an order.</param>
/// <param name="Hash">The content's own hash, computed here.</param>
internal sealed record ArrivedPush(string DeliveryId, string Hash);

/// <summary>The clients' endpoint, always there: remembers every push by its order.</summary>
internal sealed class PushListener : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<ArrivedPush>> _pushes = new(StringComparer.Ordinal);
    private readonly WebApplication _app;

    private PushListener(WebApplication app) => _app = app;

    public string Endpoint => _app.Urls.First() + IvxpProtocol.Routes.Receive;

    /// <summary>How many pushes came, repeated ones included.</summary>
    public int Count => _pushes.Values.Sum(pushes => pushes.Count);

    public static async Task<PushListener> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var listener = new PushListener(app);
        app.MapPost(IvxpProtocol.Routes.Receive, listener.ReceiveAsync);
        await app.StartAsync();
        return listener;
    }

    public IReadOnlyCollection<ArrivedPush> Of(string order) => _pushes.TryGetValue(order, out var pushes) ? pushes : [];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        var message = (await JsonSerializer.DeserializeAsync(context.Request.Body, IvxpJson.Wire.ServiceDelivery))!;
        var id = context.Request.Headers[IvxpProtocol.Headers.DeliveryId].ToString();
        _pushes.GetOrAdd(message.OrderId, _ => new()).Enqueue(new ArrivedPush(id, message.Deliverable.Content.Hash().Wire));
        await context.Response.WriteAsync("""{"status":"received"}""");
    }
}
