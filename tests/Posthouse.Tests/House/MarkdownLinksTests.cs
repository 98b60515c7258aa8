namespace Posthouse.Tests.House;

public sealed class MarkdownLinksTests
{
    [Fact]
    public void Links_between_pages_resolve() =>
        Tree.Read(path => path.EndsWith(".md", StringComparison.Ordinal)).SelectMany(page => MarkdownLinks.Broken(page, ReadIfThere)).ShouldBeEmpty();

    [Theory]
    [InlineData("[a](gone.md)")]
    [InlineData("[a](b.md#gone)")]
    [InlineData("[a](#gone)")]
    public void A_broken_link_is_found(string link) => MarkdownLinks.Broken(Page(link), Two).ShouldHaveSingleItem();

    [Theory]
    [InlineData("[a](b.md)")]
    [InlineData("[a](../docs/b.md#what-is-here)")]
    [InlineData("[a](https://example.org/x)")]
    [InlineData("```\n[a](gone.md)\n```")]
    public void A_good_link_passes(string link) => MarkdownLinks.Broken(Page(link), Two).ShouldBeEmpty();

    private static TextFile Page(string text) => new("docs/a.md", text);

    private static string? Two(string path) => path switch { "docs/a.md" => "# A\n", "docs/b.md" => "# What is here?\n", _ => null };

    private static string? ReadIfThere(string path)
    {
        var full = Path.Combine(Tree.Root, path);
        return File.Exists(full) ? File.ReadAllText(full) : Directory.Exists(full) ? "" : null;
    }
}
