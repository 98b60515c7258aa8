using Posthouse.Vcs.Transfer;

namespace Posthouse.Tests.Vcs.Transfer;

public sealed class RemotePlaceTests
{
    [Theory]
    [InlineData("https://git.example.org/r.git", "Http git.example.org:443")]
    [InlineData("http://u:secret@git.example.org:8080/r.git", "Http git.example.org:8080 u")]
    [InlineData("ssh://git@git.example.org:2222/r.git", "Ssh git.example.org:2222 git")]
    [InlineData("ssh://git.example.org/r.git", "Ssh git.example.org:0")]
    [InlineData("git@git.example.org:team/r.git", "Ssh git.example.org:0 git")]
    [InlineData("work:r.git", "Ssh work:0")]
    [InlineData("git://git.example.org/r.git", "Git git.example.org:9418")]
    [InlineData("file:///srv/git/r.git", "Folder /srv/git/r.git:0")]
    [InlineData("/srv/git/r.git", "Folder /srv/git/r.git:0")]
    [InlineData("../r.git", "Folder /srv/ana/r.git:0")]
    [InlineData("./with:colon", "Folder /srv/ana/song/with:colon:0")]
    public void An_address_is_read_as_git_reads_it(string address, string expected)
    {
        var place = RemotePlace.Of(address, "/srv/ana/song").ShouldNotBeNull();
        $"{place.Kind} {place.Host}:{place.Port} {place.User}".TrimEnd().ShouldBe(expected);
    }

    [Theory]
    [InlineData("ext::sh -c whatever")]
    [InlineData("s3://bucket/r.git")]
    public void A_helpers_address_is_nobodys(string address) => RemotePlace.Of(address, "/").ShouldBeNull();

    [Fact]
    public void Ssh_says_where_it_goes_and_a_jump_host_makes_it_unknown()
    {
        SshPlace.Read("user git\nhostname git.example.org\nport 2222\nproxycommand none\n").ShouldBe(("git.example.org", 2222));
        SshPlace.Read("hostname git.example.org\nport 22\nproxyjump gate.example.org\n").ShouldBeNull();
        SshPlace.Read("").ShouldBeNull();
    }

    [Fact]
    public void The_variables_are_those_that_curl_reads()
    {
        var set = new Dictionary<string, string> { ["https_proxy"] = "http://a:1", ["HTTP_PROXY"] = "http://b:2", ["no_proxy"] = "localhost, .example.net" };
        string? Read(string name) => set.GetValueOrDefault(name);
        ProxyVariables.For(new RemotePlace(PlaceKind.Http, "h", 443, IsTls: true), Read).ShouldBe("http://a:1");
        ProxyVariables.For(new RemotePlace(PlaceKind.Http, "h", 80), Read).ShouldBeNull();
        ProxyVariables.IsExempt("git.example.net", Read).ShouldBeTrue();
        ProxyVariables.IsExempt("example.net", Read).ShouldBeTrue();
        ProxyVariables.IsExempt("badexample.net", Read).ShouldBeFalse();
    }
}
