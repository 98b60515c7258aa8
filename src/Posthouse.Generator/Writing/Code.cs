using System.Text;

namespace Posthouse.Generator.Writing;

/// <summary>Lines of C# with their indentation.</summary>
internal sealed class Code
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Adds a line; an empty one stays empty.</summary>
    public Code Line(string text = "")
    {
        // The compiler compares generated text byte by byte, so that line ends must not follow the machine.
        _text.Append(text.Length is 0 ? "" : new string(' ', _depth * 4)).Append(text).Append('\n');
        return this;
    }

    public Code Open(string brace = "{")
    {
        Line(brace);
        _depth++;
        return this;
    }

    public Code Close(string brace = "}")
    {
        _depth--;
        return Line(brace);
    }

    public override string ToString() => _text.ToString();
}
