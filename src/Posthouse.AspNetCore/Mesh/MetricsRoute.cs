using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Posthouse.Mesh.Hosting;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>The node's counts in Prometheus' text format, version 0.0.4.</summary>
internal static class MetricsRoute
{
    public static async Task AnswerAsync(HttpContext context, MeshNode node)
    {
        var text = new StringBuilder();
        foreach (var metric in await node.GetMetricsAsync())
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {metric.Name} {metric.Help}\n# TYPE {metric.Name} {metric.Type}\n");
            foreach (var (labels, value) in metric.Values)
                text.Append(CultureInfo.InvariantCulture, $"{metric.Name}{labels} {value:R}\n");
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
    }
}
