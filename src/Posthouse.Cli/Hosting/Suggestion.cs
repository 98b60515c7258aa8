namespace Posthouse.Cli.Hosting;

/// <summary>Finds the word somebody probably meant.</summary>
internal static class Suggestion
{
    /// <summary>The nearest candidate if no more than a third of the word differs, else null.</summary>
    public static string? For(string word, IEnumerable<string> candidates)
    {
        var limit = Math.Max(2, word.Length / 3);
        return candidates
            .Select(candidate => (candidate, distance: Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(near => near.distance <= limit)
            .OrderBy(near => near.distance)
            .Select(near => near.candidate)
            .FirstOrDefault();
    }

    /// <summary>Edits that turn one word into the other (Levenshtein), two rows at a time.</summary>
    internal static int Distance(string from, string to)
    {
        var above = Enumerable.Range(0, to.Length + 1).ToArray();
        var row = new int[to.Length + 1];
        for (var i = 1; i <= from.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(changed, 1 + Math.Min(above[j], row[j - 1]));
            }

            (above, row) = (row, above);
        }

        return above[to.Length];
    }
}
