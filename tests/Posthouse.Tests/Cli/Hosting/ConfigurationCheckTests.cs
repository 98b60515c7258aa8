using Posthouse.Cli.Hosting;

namespace Posthouse.Tests.Cli.Hosting;

public sealed class ConfigurationCheckTests
{
    [Theory]
    [InlineData("Ivxp:Push:Timout=00:00:30", "--set: there is no key Ivxp:Push:Timout; did you mean Ivxp:Push:Timeout?")]
    [InlineData("RpcUrl=http://a", "there is no key RpcUrl; did you mean Ivxp:RpcUrl?")]
    [InlineData("Ivxp:Push:Delay:0=00:00:01", "did you mean Ivxp:Push:Delays:0?")]
    [InlineData("Something:Else=1", "there is no key Something:Else; 'posthouse config list' shows all keys")]
    [InlineData("Ivxp:Push=1", "Ivxp:Push is a group of keys: Ivxp:Push:Delays:*, Ivxp:Push:Timeout")]
    [InlineData("Ivxp:Push:Delays=00:00:01", "Ivxp:Push:Delays is a list; give its items one by one, Ivxp:Push:Delays:0 first")]
    [InlineData("ivxp:push:timeout=abc", "Ivxp:Push:Timeout is 'abc', expected a time span such as 00:00:30")]
    [InlineData("Ivxp:Push:Timeout=30", "expected a time span")]
    [InlineData("Ivxp:Push:Timeout=-00:00:01", "expected a time span")]
    [InlineData("Queue:Concurrency=0", "expected a whole number from 1")]
    [InlineData("Ivxp:StrictV10=yes", "expected true or false")]
    [InlineData("Ivxp:RpcUrl=ftp://a", "expected an http or https address")]
    [InlineData("Ivxp:Network=mainnet", "expected base-mainnet or base-sepolia")]
    [InlineData("Ivxp:Services:0:PriceUsdc=0", "expected a number above 0")]
    [InlineData("DataDirectory=", "DataDirectory is '', expected some text")]
    [InlineData("Ivxp:Push:Delays:1=00:00:01", "number its items from 0 without a gap")]
    public void A_wrong_value_is_refused_with_what_to_write(string set, string message) => Refusal(ConfigurationLayer.FromOptions([set])).ShouldContain(message);

    [Fact]
    public void An_option_without_a_value_is_refused() =>
        Should.Throw<PosthouseException>(() => ConfigurationLayer.FromOptions(["Urls"]).ToList()).Message.ShouldContain("write --set Key=Value");

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once() =>
        Refusal(ConfigurationLayer.FromOptions(["A=1", "B=2"])).Split(Environment.NewLine).Length.ShouldBe(2);

    [Theory]
    [InlineData("""{ "Ivxp": { "RpcUrl": "http://a" } }""")]
    [InlineData("""{ "Ivxp": { "Wallet": { "KeyFile": "k" } } }""")]
    [InlineData("""{ "Ivxp": { "Services": [ { "Exec": ["rm"] } ] } }""")]
    [InlineData("""{ "Ivxp": { "Services": [] } }""")]
    [InlineData("""{ "DataDirectory": "/" }""")]
    [InlineData("""{ "Urls": "http://a" }""")]
    [InlineData("""{ "Ivxp": { "Network": "base-sepolia" } }""")]
    [InlineData("""{ "Locks": { "Backend": "none" } }""")]
    public void A_projects_file_may_not_choose_keys_commands_addresses_folders_payment_or_the_place_of_locks(string json)
    {
        Refusal(ConfigurationTests.File(json, isProject: true)).ShouldContain("config.json:1: a project's file may not set");
        Configuration.From(ConfigurationTests.File(json)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("{ \"A\": }", "config.json:1 is not valid JSON")]
    [InlineData("{\n\"Urls\": \"a\",\n\"urls\": \"b\"}", "urls is given twice: config.json:2 and config.json:3")]
    [InlineData("[]", "must hold one object")]
    [InlineData("", "is not valid JSON")]
    [InlineData("{} {}", "is not valid JSON")]
    public void A_file_that_cannot_be_read_says_where(string json, string message) =>
        Should.Throw<PosthouseException>(() => ConfigurationTests.File(json)).Message.ShouldContain(message);

    [Fact]
    public void Null_says_the_same_as_leaving_the_key_out() => ConfigurationTests.File("""{ "Urls": null }""").ShouldBeEmpty();

    [Fact]
    public void Every_default_has_its_own_keys_form()
    {
        var wrong = from key in ConfigurationKeys.All
                    where key.Default is not null
                    from value in key.Default!.Split(", ")
                    where !ConfigurationValue.IsValid(key.Form, value)
                    select key.Name;
        wrong.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "ab", 2)]
    [InlineData("same", "same", 0)]
    public void Distance_counts_edits(string from, string to, int distance) => Suggestion.Distance(from, to).ShouldBe(distance);

    private static string Refusal(IEnumerable<GivenValue> layer)
    {
        var refusal = Should.Throw<PosthouseException>(() => Configuration.From(layer));
        refusal.Code.ShouldBe(ErrorCodes.OptionsInvalid);
        return refusal.Message;
    }
}
