using System.Text;
using System.Text.RegularExpressions;

namespace Posthouse.Postgres;

/// <summary>What PostgreSQL wants said otherwise than SQLite, in migrations and in values.</summary>
internal static partial class PostgresText
{
    private static readonly System.Buffers.SearchValues<char> s_suspects = System.Buffers.SearchValues.Create(Suspects());

    /// <summary>Texts are compared by their bytes, whatever language the database was created for.</summary>
    public static string Migration(string sql) => TextColumn().Replace(sql, "$0 COLLATE \"C\"");

    /// <summary>A text that PostgreSQL can hold: it knows no U+0000 and no half of a surrogate pair, which become U+FFFD.</summary>
    public static string Value(string text) => text.AsSpan().ContainsAny(s_suspects)
        ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD')
        : text;

    private static string Suspects() => "\0" + string.Create(0xE000 - 0xD800, 0, (span, _) =>
    {
        for (var at = 0; at < span.Length; at++)
        {
            span[at] = (char)(0xD800 + at);
        }
    });

    [GeneratedRegex(@"(?<=\w\s+)(?<!\b(RETURNS|AS)\s+)TEXT\b")]
    private static partial Regex TextColumn();
}
