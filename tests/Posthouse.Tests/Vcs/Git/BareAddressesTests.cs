using Posthouse.Vcs.Git;
using Shouldly;
using Xunit;

namespace Posthouse.Tests.Vcs.Git;

public sealed class BareAddressesTests
{
    [Fact]
    public void A_run_without_credentials_stays_as_it_is()
    {
        var variables = new Dictionary<string, string?>();
        string[] words = ["push", "--", "https://host/a.git", "git@host:a.git", "ssh://me@host/a.git", "/srv/a@b.git"];
        var bare = BareAddresses.Of(words, [("remote.origin.url", "https://host/a.git"), ("url.ssh://git@host/.insteadof", "h:")]);
        bare.Apply(variables);

        bare.Words.ShouldBe(words);
        variables.ShouldBeEmpty();
    }

    [Fact]
    public void Credentials_go_in_the_environment_behind_what_is_there()
    {
        var variables = new Dictionary<string, string?> { ["GIT_CONFIG_COUNT"] = "1", ["GIT_CONFIG_KEY_0"] = "a.b", ["GIT_CONFIG_VALUE_0"] = "c" };
        var bare = BareAddresses.Of(["push", "--", "https://me:p%40@w@host:8443/a.git", "main"], []);
        bare.Apply(variables);

        bare.Words.ShouldBe(["push", "--", "https://host:8443/a.git", "main"]);
        variables["GIT_CONFIG_COUNT"].ShouldBe("2");
        variables["GIT_CONFIG_KEY_1"].ShouldBe("http.https://host:8443/a.git.extraHeader");
        variables["GIT_CONFIG_VALUE_1"].ShouldBe("Authorization: Basic " + Convert.ToBase64String("me:p@@w"u8));
    }

    [Fact]
    public void A_name_alone_is_what_the_helpers_are_asked_for()
    {
        var variables = new Dictionary<string, string?>();
        BareAddresses.Of(["fetch", "origin"], [("remote.origin.url", "https://me@host/a.git")]).Apply(variables);

        Settings(variables).ShouldBe([("credential.https://host/a.git.username", "me"),
            ("url.https://host/a.git.insteadof", "https://me@host/a.git"), ("url.https://host/a.git.insteadof", "https://host/a.git"),
            ("url.https://host/a.git.pushinsteadof", "https://me@host/a.git"), ("url.https://host/a.git.pushinsteadof", "https://host/a.git")], ignoreOrder: true);
    }

    [Fact]
    public void A_rule_that_puts_credentials_in_is_overruled_for_the_remotes_address()
    {
        var variables = new Dictionary<string, string?>();
        BareAddresses.Of(["push", "origin"], [("remote.origin.url", "gh:band/song"), ("url.https://t:k@host/.insteadof", "gh:"), ("url.https://other/.insteadof", "g")]).Apply(variables);

        Settings(variables).ShouldBe([("http.https://host/band/song.extraHeader", "Authorization: Basic dDpr"),
            ("url.https://host/band/song.insteadof", "gh:band/song"), ("url.https://host/band/song.insteadof", "https://host/band/song")]);
    }

    private static List<(string Key, string Value)> Settings(Dictionary<string, string?> variables) =>
        [.. Enumerable.Range(0, int.Parse(variables["GIT_CONFIG_COUNT"]!, null)).Select(i => (variables[$"GIT_CONFIG_KEY_{i}"]!, variables[$"GIT_CONFIG_VALUE_{i}"]!))];
}
