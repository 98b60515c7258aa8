using Posthouse.Vcs.Git;

namespace Posthouse.Tests.Vcs.Git;

public sealed class PushPorcelainTests
{
    [Fact]
    public void Each_ref_is_read_with_what_became_of_it()
    {
        var refs = PushPorcelain.Parse("To /srv/my (old) r.git\n \trefs/heads/a:refs/heads/a\t1111111..2222222\n*\tabc:refs/x\t[new reference]\n+\ta:b\t1...2 (forced update)\n-\t:refs/heads/old\t[deleted]\n=\ta:refs/heads/same\t[up to date]\n!\td:refs/y\t[remote rejected] (failed to update ref)\nDone\n");
        refs.ShouldBe(
        [
            new PushedRef(' ', "refs/heads/a", "refs/heads/a", "1111111..2222222", null),
            new PushedRef('*', "abc", "refs/x", "[new reference]", null),
            new PushedRef('+', "a", "b", "1...2", "forced update"),
            new PushedRef('-', "", "refs/heads/old", "[deleted]", null),
            new PushedRef('=', "a", "refs/heads/same", "[up to date]", null),
            new PushedRef('!', "d", "refs/y", "[remote rejected]", "failed to update ref"),
        ]);
        refs.Count(one => one.IsDone).ShouldBe(5);
    }

    [Fact]
    public void Where_the_exchange_was_cut_nothing_is_believed() => PushPorcelain.Parse("").ShouldBeEmpty();

    [Theory]
    [InlineData("https://me:pw@h.example:8443/a/b.git", "https://h.example:8443/a/b.git")]
    [InlineData("https://tok@en@h.example/a.git", "https://h.example/a.git")]
    [InlineData("ssh://git@h.example/a.git", "ssh://h.example/a.git")]
    [InlineData("git@h.example:a/b.git", "h.example:a/b.git")]
    [InlineData("/srv/me@home:x/r.git", "/srv/me@home:x/r.git")]
    [InlineData("file:///srv/r.git", "file:///srv/r.git")]
    [InlineData("../r.git", "../r.git")]
    public void An_address_is_shown_without_who_uses_it(string url, string shown) => RemoteAddress.Shown(url).ShouldBe(shown);
}
