namespace Posthouse.Ivxp.Receipts;

/// <summary>What a check of a receipt bundle says about one thing.</summary>
public enum ReceiptMark
{
    /// <summary>It follows from signatures or hashes in the bundle.</summary>
    Proved = 1,

    /// <summary>The bundle says it and nothing in it proves it.</summary>
    Unproved = 2,

    /// <summary>The bundle contradicts itself, or a signature is another's.</summary>
    Wrong = 3,
}

/// <summary>One line of a check.</summary>
/// <param name="Subject">What it is about: <c>quote</c>, <c>payment</c>, <c>delivery</c>, <c>content</c>, <c>receipt</c>, <c>rating</c>, <c>dispute</c> or <c>times</c>.</param>
/// <param name="Mark">What was found.</param>
/// <param name="Text">The finding, for people.</param>
public sealed record ReceiptFinding(string Subject, ReceiptMark Mark, string Text);

/// <summary>What a bundle proves and what not, line by line.</summary>
/// <param name="Findings">In the order of an order's life.</param>
public sealed record ReceiptVerdict(IReadOnlyList<ReceiptFinding> Findings)
{
    /// <summary>Whether nothing in the bundle is wrong. A sound bundle may still prove little: read its findings.</summary>
    public bool IsSound => Findings.All(finding => finding.Mark is not ReceiptMark.Wrong);

    /// <summary>Whether a subject was proved and nothing about it is wrong.</summary>
    /// <param name="subject">As in <see cref="ReceiptFinding.Subject"/>.</param>
    public bool Proves(string subject)
    {
        var about = Findings.Where(finding => finding.Subject == subject).ToList();
        return about.Any(finding => finding.Mark is ReceiptMark.Proved) && about.All(finding => finding.Mark is not ReceiptMark.Wrong);
    }
}
