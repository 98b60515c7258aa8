namespace Posthouse.Vcs.Git;

/// <summary>What became of one ref of a push, as <c>git push --porcelain</c> tells it.</summary>
/// <param name="Flag">A space (moved forwards), <c>+</c> (forced), <c>-</c> (deleted), <c>*</c> (new), <c>=</c> (had it already) or <c>!</c> (refused).</param>
/// <param name="Source">What was sent; empty for a deletion.</param>
/// <param name="Ref">The far side's ref, in full.</param>
/// <param name="Summary">Such as <c>1a2b..3c4d</c>, <c>[new reference]</c> or <c>[remote rejected]</c>.</param>
/// <param name="Reason">Why it was refused, without the brackets, or null.</param>
internal sealed record PushedRef(char Flag, string Source, string Ref, string Summary, string? Reason)
{
    /// <summary>Whether the far side has what was sent.</summary>
    public bool IsDone => Flag is not '!';
}

/// <summary>Reads what <c>git push --porcelain</c> writes on standard output. Its prose on standard error is never believed: after a
/// connection was cut it says "Everything up-to-date".</summary>
internal static class PushPorcelain
{
    /// <summary>The refs that were spoken of; none where the exchange did not get so far.</summary>
    public static IReadOnlyList<PushedRef> Parse(string output)
    {
        var refs = new List<PushedRef>();
        foreach (var line in output.Split('\n'))
        {
            var parts = line.TrimEnd('\r').Split('\t');
            if (parts is not [[var flag], var names, var outcome])
                continue;
            var colon = names.LastIndexOf(':');
            if (colon < 0)
                continue;
            var bracket = outcome.EndsWith(')') ? outcome.IndexOf(" (", StringComparison.Ordinal) : -1;
            refs.Add(new PushedRef(flag, names[..colon], names[(colon + 1)..],
                bracket < 0 ? outcome : outcome[..bracket],
                bracket < 0 ? null : outcome[(bracket + 2)..^1]));
        }

        return refs;
    }
}
