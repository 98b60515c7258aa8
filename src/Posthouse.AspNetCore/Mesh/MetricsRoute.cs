using Microsoft.AspNetCore.Http;
using Posthouse.AspNetCore.Metrics;
using Posthouse.Mesh.Hosting;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>The node's counts alone, in Prometheus' text format, for whoever watches over a mesh and not over a server.</summary>
internal static class MetricsRoute
{
    public static async Task AnswerAsync(HttpContext context, MeshNode node)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        await context.Response.WriteAsync(Text(await node.GetMetricsAsync()), context.RequestAborted);
    }

    /// <summary>The metrics as they are read by a collector; one without a value is left out.</summary>
    public static string Text(IReadOnlyList<MeshMetric> metrics)
    {
        var text = new PrometheusText();
        foreach (var metric in metrics.Where(metric => metric.Values.Count > 0 || metric.Times is not null))
        {
            text.Family(metric.Name, metric.Type, metric.Help);
            if (metric.Times is { } times)
                text.Histogram(metric.Name, [], times.Bounds, times.Counts, times.Seconds);
            foreach (var (labels, value) in metric.Values)
                text.Sample(metric.Name, labels, value);
        }

        return text.ToString();
    }
}
