namespace Posthouse.Vcs.Comments;

/// <summary>A comment with its later wordings put together.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Commit">The commit it is about.</param>
/// <param name="Author">Who says to have written it.</param>
/// <param name="Email">The author's address.</param>
/// <param name="Text">What it says now; empty where it was removed. Free of control characters, but for line breaks and tabs.</param>
/// <param name="CreatedAt">When it was written.</param>
/// <param name="ReplyTo">The comment it answers, or null.</param>
/// <param name="EditedAt">When it was put in other words last, or null.</param>
/// <param name="IsDeleted">Whether it was removed; it is shown only because others answer it.</param>
internal sealed record ShownComment(
    string Id, string Commit, string Author, string Email, string Text, DateTimeOffset CreatedAt, string? ReplyTo, DateTimeOffset? EditedAt, bool IsDeleted)
{
    /// <summary>
    /// Puts stored comments together, the same on every machine: the latest wording of the same address counts, a removal counts more
    /// than any wording. Oldest first.
    /// </summary>
    public static IReadOnlyList<ShownComment> From(IEnumerable<Comment> stored)
    {
        var all = stored.OrderBy(one => one.CreatedAt).ThenBy(one => one.Id, StringComparer.Ordinal).ToList();
        var changes = all.Where(one => one.EditedOf is not null).ToLookup(one => one.EditedOf!, StringComparer.Ordinal);
        var answered = all.Where(one => one.ReplyTo is not null).Select(one => one.ReplyTo!).ToHashSet(StringComparer.Ordinal);
        return [.. all.Where(one => one.EditedOf is null).Select(one => Shown(one, changes[one.Id])).Where(one => !one.IsDeleted || answered.Contains(one.Id))];
    }

    private static ShownComment Shown(Comment first, IEnumerable<Comment> changes)
    {
        // Addresses are claimed, not proven; the rule keeps honest people from changing each other's words by mistake.
        var own = changes.Where(one => string.Equals(one.Email, first.Email, StringComparison.OrdinalIgnoreCase)).ToList();
        var isDeleted = own.Exists(one => one.Deleted);
        var last = own.LastOrDefault();
        return new ShownComment(first.Id, first.Commit, Harmless(first.Author), Harmless(first.Email), isDeleted ? "" : Harmless((last ?? first).Text),
            first.CreatedAt, first.ReplyTo, last?.CreatedAt, isDeleted);
    }

    /// <summary>Others' words must not steer a terminal.</summary>
    private static string Harmless(string text) => string.Concat(text.Where(one => !char.IsControl(one) || one is '\n' or '\t'));
}
