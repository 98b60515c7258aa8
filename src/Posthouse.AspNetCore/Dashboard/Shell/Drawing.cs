using System.Globalization;
using System.Text;

namespace Posthouse.AspNetCore.Dashboard.Shell;

/// <summary>Lines of values as SVG writes them.</summary>
internal static class Drawing
{
    /// <summary>Points drawn at most; of more values the newest count.</summary>
    public const int MaxPoints = 240;

    /// <summary>The points of a line that fills its box, a pixel inside it; equal values lie in the middle.</summary>
    public static string Points(IReadOnlyList<double> values, int width, int height)
    {
        var shown = values.Skip(Math.Max(0, values.Count - MaxPoints)).ToList();
        var (least, span) = (shown.Min(), shown.Max() - shown.Min());
        var text = new StringBuilder();
        for (var i = 0; i < shown.Count; i++)
        {
            var (x, y) = (1 + (i * (width - 2.0) / Math.Max(1, shown.Count - 1)), height - 1 - (span == 0 ? 0.5 : (shown[i] - least) / span) * (height - 2.0));
            text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : " ")}{x:0.#},{y:0.#}");
        }

        return text.ToString();
    }
}
