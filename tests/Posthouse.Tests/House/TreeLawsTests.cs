namespace Posthouse.Tests.House;

public sealed class TreeLawsTests
{
    /// <summary>Pictures and the like, and this file, which spells out what it looks for.</summary>
    private static readonly string[] _unread = [".png", ".ico", ".db", "/TreeLawsTests.cs", "/TreeLaws.cs"];

    [Fact]
    public void Nothing_stands_at_the_root_but_what_is_listed() =>
        TreeLaws.UnlistedAtRoot(Tree.Files, Tree.Read("tests/Posthouse.Tests/House/root.txt").Text).ShouldBeEmpty();

    [Fact]
    public void No_file_gives_away_a_machine() =>
        Tree.Read(path => !_unread.Any(end => path.EndsWith(end, StringComparison.Ordinal))).SelectMany(TreeLaws.MachineTraces).ShouldBeEmpty();

    [Fact]
    public void Packages_come_from_the_public_feed_alone() =>
        Tree.Read("nuget.config").Text.Split('\n').Count(line => line.Contains("<add ", StringComparison.Ordinal)).ShouldBe(1);

    [Fact]
    public void A_stray_file_at_the_root_is_found() =>
        TreeLaws.UnlistedAtRoot(["src/A.cs", "PLAN.md"], "src  the product\n").ShouldBe(["PLAN.md"]);

    [Theory]
    [InlineData("see /home/someone/notes")]
    [InlineData("cd /root/.nuget")]
    [InlineData("\"resolved\": \"https://mirror/x.tgz\"")]
    public void A_trace_of_a_machine_is_found(string text) => TreeLaws.MachineTraces(new TextFile("docs/a.md", text)).ShouldHaveSingleItem();

    [Theory]
    [InlineData("tests/root/a.txt")]
    [InlineData("https://example.org/home/page/")]
    public void An_ordinary_path_passes(string text) => TreeLaws.MachineTraces(new TextFile("docs/a.md", text)).ShouldBeEmpty();
}
