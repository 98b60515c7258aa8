using System.Text;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>One step into a JSON value.</summary>
/// <param name="Name">The member to go to, or that an element is known by.</param>
/// <param name="Index">The element to go to; −1: not by number.</param>
/// <param name="IsMatch">Whether it goes to the element of an array whose member <paramref name="Name"/> has a value.</param>
/// <param name="IsSymbol">Whether the member's name, or the value, is the vendor's symbol of an asset.</param>
/// <param name="Value">The value, where it is no symbol.</param>
internal readonly record struct JsonStep(byte[] Name, int Index, bool IsMatch, bool IsSymbol, string? Value);

/// <summary>
/// A way into a JSON value: <c>data.price</c>, <c>quotes[0].usd</c>, <c>list[currency=USD].price</c>; with <c>{symbol}</c> in at most one
/// place, where each asset has its own: <c>data.{symbol}[0]</c>, <c>data[symbol={symbol}]</c>. The empty path is the whole value.
/// </summary>
internal sealed class JsonPath
{
    /// <summary>Stands for the vendor's symbol of an asset.</summary>
    public const string Symbol = "{symbol}";

    private const int MaxSteps = 16;

    private JsonPath(JsonStep[] steps)
    {
        Steps = steps;
        SymbolAt = Array.FindIndex(steps, step => step.IsSymbol);
    }

    /// <summary>The steps, from the outside in.</summary>
    public JsonStep[] Steps { get; }

    /// <summary>Which step differs by asset; −1: none.</summary>
    public int SymbolAt { get; }

    /// <summary>Reads a path.</summary>
    /// <param name="text">The path.</param>
    /// <param name="allowsSymbol">Whether <c>{symbol}</c> may stand in it.</param>
    /// <returns>The path; null: it is none.</returns>
    public static JsonPath? TryParse(string text, bool allowsSymbol)
    {
        var steps = new List<JsonStep>();
        var rest = text.AsSpan();
        while (!rest.IsEmpty && steps.Count <= MaxSteps)
        {
            var end = rest[0] == '[' ? rest.IndexOf(']') + 1 : rest.IndexOfAny('.', '[') is var at and >= 0 ? at : rest.Length;
            if (end <= 0 || Step(rest[..end]) is not { } step)
                return null;
            steps.Add(step);
            rest = rest[end..];
            if (rest.StartsWith(".") && rest.Length > 1 && rest[1] is not ('[' or '.'))
                rest = rest[1..];
            else if (!rest.IsEmpty && rest[0] != '[')
                return null;
        }

        var symbols = steps.Count(step => step.IsSymbol);
        return rest.IsEmpty && symbols <= (allowsSymbol ? 1 : 0) ? new JsonPath([.. steps]) : null;
    }

    private static JsonStep? Step(ReadOnlySpan<char> text)
    {
        if (text[0] != '[')
            return text.Contains(']') ? null : new JsonStep(Bytes(text), -1, false, text is Symbol, null);
        var inside = text[1..^1];
        if (int.TryParse(inside, System.Globalization.NumberStyles.None, null, out var index))
            return new JsonStep([], index, false, false, null);
        var equals = inside.IndexOf('=');
        return equals <= 0 ? null : new JsonStep(Bytes(inside[..equals]), -1, true, inside[(equals + 1)..] is Symbol, inside[(equals + 1)..].ToString());
    }

    private static byte[] Bytes(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }
}
