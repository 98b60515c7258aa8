using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Posthouse.SystemTests.Ivxp.Chain;

/// <summary>What stands between a provider and its node: it can lead to another node, to none, or see what passes before it does.</summary>
internal sealed class NodeDoor : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new();

    private NodeDoor(Uri node)
    {
        Node = node;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/", PassAsync);
    }

    /// <summary>Where it leads; null: nobody answers.</summary>
    public Uri? Node { get; set; }

    /// <summary>Sees every request before it is passed on; false: it is not.</summary>
    public Func<string, bool>? Sees { get; set; }

    public Uri Url => new(_app.Urls.First());

    public static async Task<NodeDoor> OpenAsync(Uri node)
    {
        var door = new NodeDoor(node);
        await door._app.StartAsync();
        return door;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = await reader.ReadToEndAsync();
        if (Node is not { } node || Sees?.Invoke(request) == false)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return;
        }

        using var response = await _http.PostAsync(node, new StringContent(request, System.Text.Encoding.UTF8, "application/json"));
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(await response.Content.ReadAsStringAsync());
    }
}
