using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// Changes one value in a JSON text and leaves every other byte as it is: comments, order, line ends and trailing commas.
///
/// The reader walks down the parts of the key as far as they exist. Where all exist, the bytes of the old value are replaced.
/// Where they end inside an object or a list, a new member or item goes in behind the last one, or into the empty pair of
/// brackets, and holds what is missing of the key. A key that does not fit what stands there is refused.
/// </summary>
internal ref struct JsonEdit
{
    private readonly ReadOnlySpan<byte> _json;
    private readonly string[] _parts;
    private readonly string _value;
    private Utf8JsonReader _reader;

    private JsonEdit(ReadOnlySpan<byte> json, string[] parts, string value)
    {
        _json = json;
        (_parts, _value) = (parts, value);
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
    }

    /// <summary>The text with this value at this key.</summary>
    /// <param name="json">The whole text, one object, with or without a byte order mark.</param>
    /// <param name="key">The key, parts separated by colons; a number is an item of a list. Names are found without regard to case.</param>
    /// <param name="value">The value as JSON; <c>[]</c> takes the place of a whole list.</param>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    /// <exception cref="FormatException">The key does not fit what stands there, or the new item would leave a gap.</exception>
    public static byte[] Set(ReadOnlySpan<byte> json, string key, string value)
    {
        var mark = json.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var edit = new JsonEdit(json[mark..], key.Split(':'), value);
        edit._reader.Read();
        var change = edit.Find(0);
        return [.. json[..(mark + change.From)], .. Encoding.UTF8.GetBytes(change.Text), .. json[(mark + change.To)..]];
    }

    /// <summary>A value as it stands in a file: switches and numbers bare, all else as a string.</summary>
    public static string Literal(ValueForm form, string value) => form switch
    {
        ValueForm.Switch => bool.Parse(value) ? "true" : "false",
        ValueForm.Count => long.Parse(value, System.Globalization.CultureInfo.InvariantCulture).ToString(System.Globalization.CultureInfo.InvariantCulture),
        ValueForm.Amount => decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture).ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => Quoted(value),
    };

    /// <summary>The bytes from one place to another become a text.</summary>
    private readonly record struct Change(int From, int To, string Text);

    private int Here => (int)_reader.TokenStartIndex;

    private int Behind => (int)_reader.BytesConsumed;

    /// <summary>The change for the parts from this one on, in the value whose first token the reader stands at.</summary>
    private Change Find(int depth)
    {
        if (depth < _parts.Length)
        {
            return _reader.TokenType switch
            {
                JsonTokenType.StartObject => FindMember(depth),
                JsonTokenType.StartArray => FindItem(depth),
                JsonTokenType.Null => new Change(Here, Behind, Whole(depth)),
                _ => throw Misfit(depth, "is a single value"),
            };
        }

        if (_reader.TokenType is JsonTokenType.StartObject || (_reader.TokenType is JsonTokenType.StartArray && _value != "[]")) { throw Misfit(depth, "holds more than one value"); }
        var start = Here;
        _reader.Skip();
        return new Change(start, Behind, _value);
    }

    private Change FindMember(int depth)
    {
        var brackets = new Brackets(Behind);
        while (_reader.Read() && _reader.TokenType is JsonTokenType.PropertyName)
        {
            // A name may hold several parts: "Ivxp:Push" is what "Ivxp" with "Push" in it is.
            var name = _reader.GetString()!.Split(':');
            var start = Here;
            _reader.Read();
            if (_parts[depth..].Take(name.Length).SequenceEqual(name, StringComparer.OrdinalIgnoreCase)) { return Find(depth + name.Length); }
            _reader.Skip();
            brackets = brackets.With(start, Behind);
        }

        return IsNumber(depth) ? throw Misfit(depth, "is no list") : brackets.Insert(_json, Here, $"{Quoted(_parts[depth])}: {Whole(depth + 1)}");
    }

    private Change FindItem(int depth)
    {
        if (!IsNumber(depth)) { throw Misfit(depth, "is a list"); }

        var brackets = new Brackets(Behind);
        var count = 0;
        for (; _reader.Read() && _reader.TokenType is not JsonTokenType.EndArray; count++)
        {
            if (_parts[depth] == count.ToString(System.Globalization.CultureInfo.InvariantCulture)) { return Find(depth + 1); }
            var start = Here;
            _reader.Skip();
            brackets = brackets.With(start, Behind);
        }

        return _parts[depth] == count.ToString(System.Globalization.CultureInfo.InvariantCulture)
            ? brackets.Insert(_json, Here, Whole(depth + 1))
            : throw Misfit(depth, $"has {count} item(s); the next is {Name(depth)}:{count}");
    }

    /// <summary>The value with the parts around it that are missing.</summary>
    private readonly string Whole(int depth)
    {
        if (depth == _parts.Length) { return _value; }
        if (!IsNumber(depth)) { return $"{{ {Quoted(_parts[depth])}: {Whole(depth + 1)} }}"; }
        return _parts[depth] == "0" ? $"[{Whole(depth + 1)}]" : throw Misfit(depth, $"has no items; the first is {Name(depth)}:0");
    }

    private readonly bool IsNumber(int depth) => _parts[depth].All(char.IsAsciiDigit);

    private readonly string Name(int depth) => string.Join(':', _parts[..depth]);

    private readonly FormatException Misfit(int depth, string what) => new($"{Name(depth)} {what}");

    private static string Quoted(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    /// <summary>An object or list while it is read: where it opens, and where its last member or item stands.</summary>
    private readonly record struct Brackets(int Open, int Start = 0, int End = 0)
    {
        public Brackets With(int start, int end) => this with { Start = start, End = end };

        /// <summary>A new last member or item.</summary>
        public Change Insert(ReadOnlySpan<byte> json, int close, string text) => End == 0 ? InsertFirst(json, close, text) : InsertBehind(json, close, text);

        private Change InsertFirst(ReadOnlySpan<byte> json, int close, string text)
        {
            var (line, outer) = (JsonLines.Break(json), JsonLines.IndentAt(json, Open));
            var isEmpty = json[Open..close].IndexOfAnyExcept(" \t\r\n"u8) < 0;
            if (isEmpty && json[close] == ']') { return new Change(Open, close, text); }
            return isEmpty
                ? new Change(Open, close, $"{line}{outer}{JsonLines.Step}{text}{line}{outer}")
                : new Change(Open, Open, $"{line}{outer}{JsonLines.Step}{text}");
        }

        /// <summary>Behind the last one, its comma and the comments in its line, in a line of its own where the last one has one.</summary>
        private Change InsertBehind(ReadOnlySpan<byte> json, int close, string text)
        {
            var tail = JsonLines.ReadTail(json, End, close);
            var gap = tail.HasComment || JsonLines.IsFirst(json, Start) ? JsonLines.Break(json) + JsonLines.IndentAt(json, Start) : " ";
            return new Change(End, tail.At, $"{(tail.HasComma ? "" : ",")}{Encoding.UTF8.GetString(json[End..tail.At])}{gap}{text}{(tail.HasComma ? "," : "")}");
        }
    }
}
