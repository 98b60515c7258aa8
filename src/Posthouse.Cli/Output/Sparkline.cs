namespace Posthouse.Cli.Output;

/// <summary>A line of small bars, one for each value.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";
    private const string Ascii = "_.-=^";

    /// <summary>Draws values between the least and the greatest of them; equal ones lie in the middle.</summary>
    /// <param name="values">The values, oldest first.</param>
    /// <param name="width">Bars at most; of more values the newest are shown.</param>
    /// <param name="unicode">Whether bars arrive; otherwise other signs stand for them.</param>
    public static string Of(IReadOnlyList<decimal> values, int width, bool unicode)
    {
        var signs = unicode ? Bars : Ascii;
        var shown = values.Skip(Math.Max(0, values.Count - width)).ToArray();
        if (shown.Length == 0) { return ""; }

        var (least, span) = (shown.Min(), shown.Max() - shown.Min());
        return string.Concat(shown.Select(value => signs[span == 0 ? signs.Length / 2 : (int)((value - least) / span * (signs.Length - 1))]));
    }
}
