using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Posthouse.Vcs.Locks;

/// <summary>
/// Unicode's canonical composition (NFC, UAX #15): one spelling for what people see as one text. The runtime has it only together
/// with a library of the system, which this program does without; its own call returns the text as it is then.
/// </summary>
internal static class Composition
{
    private const int FirstSyllable = 0xAC00, FirstLead = 0x1100, FirstVowel = 0x1161, FirstTail = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28; // Hangul's parts, Unicode §3.12; the first tail stands for none.

    private static readonly Lazy<Tables> _tables = new(Tables.Load);

    /// <summary>The text in composed form. A lone half of a character outside of the basic plane becomes U+FFFD.</summary>
    public static string Compose(string text)
    {
        if (Ascii.IsValid(text))
            return text;
        var runes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, runes);
        Order(runes);
        var composed = new StringBuilder(text.Length);
        foreach (var value in Composed(runes))
            composed.Append(new Rune(value).ToString());
        return composed.ToString();
    }

    private static void Decompose(int value, List<int> into)
    {
        if (value is >= FirstSyllable and < FirstSyllable + (Leads * Vowels * Tails))
        {
            var (rest, tail) = Math.DivRem(value - FirstSyllable, Tails);
            into.Add(FirstLead + (rest / Vowels));
            into.Add(FirstVowel + (rest % Vowels));
            if (tail > 0)
                into.Add(FirstTail + tail);
        }
        else if (_tables.Value.Parts.TryGetValue(value, out var parts))
        {
            foreach (var part in parts)
                Decompose(part, into);
        }
        else
        {
            into.Add(value);
        }
    }

    /// <summary>Puts each run of marks in the order of their classes; marks of one class keep theirs.</summary>
    private static void Order(List<int> runes)
    {
        for (var i = 1; i < runes.Count; i++)
        {
            for (var j = i; j > 0 && Class(runes[j]) is > 0 and var mark && Class(runes[j - 1]) > mark; j--)
                (runes[j - 1], runes[j]) = (runes[j], runes[j - 1]);
        }
    }

    /// <summary>Joins each mark with the last character that no mark of its own class or a higher one separates from it.</summary>
    private static List<int> Composed(List<int> runes)
    {
        var result = new List<int>(runes.Count);
        var (starter, last) = (-1, 0);
        foreach (var value in runes)
        {
            var mark = Class(value);
            var isNext = starter >= 0 && (starter == result.Count - 1 || (last < mark && last != 0));
            if (isNext && Joined(result[starter], value) is { } joined)
            {
                result[starter] = joined;
                continue;
            }

            if (mark == 0)
                starter = result.Count;
            last = mark;
            result.Add(value);
        }

        return result;
    }

    private static int? Joined(int first, int second)
    {
        if (first is >= FirstLead and < FirstLead + Leads && second is >= FirstVowel and < FirstVowel + Vowels)
            return FirstSyllable + ((((first - FirstLead) * Vowels) + second - FirstVowel) * Tails);
        if (first is >= FirstSyllable and < FirstSyllable + (Leads * Vowels * Tails) && (first - FirstSyllable) % Tails == 0 && second is > FirstTail and < FirstTail + Tails)
            return first + second - FirstTail;
        return _tables.Value.Pairs.TryGetValue((first, second), out var joined) ? joined : null;
    }

    private static int Class(int value) => _tables.Value.Classes.GetValueOrDefault(value);

    private sealed record Tables(FrozenDictionary<int, int[]> Parts, FrozenDictionary<(int, int), int> Pairs, FrozenDictionary<int, int> Classes)
    {
        public static Tables Load()
        {
            var (parts, pairs, classes) = (new Dictionary<int, int[]>(), new Dictionary<(int, int), int>(), new Dictionary<int, int>());
            using var text = new StreamReader(typeof(Composition).Assembly.GetManifestResourceStream("Posthouse.Vcs.Locks.Composition.txt")!);
            while (text.ReadLine() is { } line)
            {
                if (line[0] != '#')
                    Read(line, parts, pairs, classes);
            }

            return new Tables(parts.ToFrozenDictionary(), pairs.ToFrozenDictionary(), classes.ToFrozenDictionary());
        }

        private static void Read(string line, Dictionary<int, int[]> parts, Dictionary<(int, int), int> pairs, Dictionary<int, int> classes)
        {
            var sign = line.AsSpan().IndexOfAny('=', '>', '-');
            var whole = Hex(line.AsSpan(0, sign));
            var rest = line[(sign + 1)..];
            if (line[sign] == '-')
            {
                var colon = rest.IndexOf(':', StringComparison.Ordinal);
                for (var value = whole; value <= Hex(rest.AsSpan(0, colon)); value++)
                    classes[value] = int.Parse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture);
                return;
            }

            var values = Array.ConvertAll(rest.Split(' '), part => Hex(part));
            parts[whole] = values;
            if (line[sign] == '=')
                pairs[(values[0], values[1])] = whole;
        }

        private static int Hex(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
