using System.Globalization;
using System.Text.RegularExpressions;
using Posthouse.Storage;

namespace Posthouse.Postgres;

/// <summary>
/// A statement of the house as PostgreSQL wants it. SQLite is told which index to use, for it keeps no statistics; PostgreSQL finds
/// it by itself. And a test whether an argument is NULL becomes its answer: PostgreSQL could not tell the argument's type from it,
/// and plans better without it.
/// </summary>
internal sealed partial class PostgresStatement
{
    private readonly string _text;
    private readonly bool _testsNull;
    private readonly Dictionary<ulong, (string Text, ulong Used)> _byNulls = [];

    private PostgresStatement(string sql)
    {
        _text = IndexHint().Replace(sql, "");
        _testsNull = NullTest().IsMatch(_text);
    }

    /// <summary>Makes one of a text.</summary>
    public static PostgresStatement Of(string sql) => new(sql);

    /// <summary>The text for these arguments.</summary>
    /// <param name="args">The arguments, at most 64.</param>
    /// <param name="used">A bit for each argument that the text names.</param>
    public string For(ReadOnlySpan<SqlValue> args, out ulong used)
    {
        var nulls = 0UL;
        for (var at = 0; at < args.Length; at++)
        {
            nulls |= args[at].Kind == SqlKind.Null ? 1UL << at : 0;
        }

        var key = _testsNull ? nulls : 0;
        if (!_byNulls.TryGetValue(key, out var made))
        {
            var text = _testsNull ? NullTest().Replace(_text, test => (nulls >> Place(test.Groups[1]) & 1) == 1 ? "TRUE" : "FALSE") : _text;
            _byNulls[key] = made = (text, Argument().Matches(text).Aggregate(0UL, (bits, named) => bits | 1UL << Place(named.Groups[1])));
        }

        used = made.Used;
        return made.Text;
    }

    private static int Place(Group number) => int.Parse(number.ValueSpan, CultureInfo.InvariantCulture) - 1;

    [GeneratedRegex(@"\s+INDEXED BY \w+")]
    private static partial Regex IndexHint();

    [GeneratedRegex(@"\$(\d+) IS NULL\b")]
    private static partial Regex NullTest();

    [GeneratedRegex(@"\$(\d+)")]
    private static partial Regex Argument();
}
