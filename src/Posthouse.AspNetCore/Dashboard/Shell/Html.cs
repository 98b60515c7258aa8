using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Posthouse.AspNetCore.Dashboard.Shell;

/// <summary>Turns a fragment into an answer. A fragment renders what it was given and waits for nothing.</summary>
internal static class Html
{
    /// <summary>Renders and sends it.</summary>
    public static async Task WriteAsync(HttpContext context, int status, RenderFragment fragment)
    {
        var bytes = Encoding.UTF8.GetBytes(await TextAsync(context.RequestServices, fragment));
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) { await context.Response.Body.WriteAsync(bytes, context.RequestAborted); }
    }

    /// <summary>Renders it.</summary>
    public static async Task<string> TextAsync(IServiceProvider services, RenderFragment fragment)
    {
        await using var renderer = new HtmlRenderer(services, services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var root = await renderer.RenderComponentAsync<Root>(ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Root.Content)] = fragment }));
            return root.ToHtmlString();
        });
    }

    /// <summary>The component that a renderer starts from.</summary>
    private sealed class Root : ComponentBase
    {
        [Parameter]
        public RenderFragment? Content { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddContent(0, Content);
    }
}
