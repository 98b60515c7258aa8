using System.Text;
using Posthouse.Cli.Hosting;

namespace Posthouse.Tests.Cli.Hosting;

public sealed class ConfigurationTests
{
    [Fact]
    public void Nothing_given_is_the_defaults()
    {
        var configuration = Configuration.From();

        configuration.Text(ConfigurationKeys.Urls).ShouldBe("http://127.0.0.1:6060");
        configuration.Duration(ConfigurationKeys.PushTimeout).ShouldBe(TimeSpan.FromSeconds(30));
        configuration.Durations(ConfigurationKeys.PushDelays).Select(delay => delay.TotalSeconds).ShouldBe([0, 60, 300, 900, 3600, 7200]);
        configuration.IsOn(ConfigurationKeys.PushAllowPrivateEndpoints).ShouldBeFalse();
        configuration.Text(ConfigurationKeys.RpcUrl).ShouldBeNull();
        configuration.Items(ConfigurationKeys.Services).ShouldBe(0);
    }

    [Fact]
    public void What_comes_later_wins_and_says_where_it_stands()
    {
        var configuration = Configuration.From(
            File("""{ "Queue": { "Concurrency": 1, "MaxOpenJobs": 1, "MaxFileBytes": 1 } }"""),
            File("""{ "Queue": { "Concurrency": 2, "MaxOpenJobs": 2 } }""", isProject: true),
            ConfigurationLayer.FromEnvironment([new("POSTHOUSE__QUEUE__CONCURRENCY", "3"), new("POSTHOUSE_HOME", "x")]),
            ConfigurationLayer.FromOptions(["queue:maxPayloadBytes=4"]));

        configuration.Count(ConfigurationKeys.QueueMaxFileBytes).ShouldBe(1);
        configuration.Count(ConfigurationKeys.QueueMaxOpenJobs).ShouldBe(2);
        configuration.Count(ConfigurationKeys.QueueConcurrency).ShouldBe(3);
        configuration.Count(ConfigurationKeys.QueueMaxPayloadBytes).ShouldBe(4);
        configuration.SourceOf(ConfigurationKeys.QueueConcurrency).ShouldBe("environment POSTHOUSE__QUEUE__CONCURRENCY");
        configuration.SourceOf(ConfigurationKeys.QueueMaxOpenJobs).ShouldBe("config.json:1");
        configuration.SourceOf(ConfigurationKeys.Urls).ShouldBe("default");
        configuration.Given.Select(setting => setting.Name).ShouldBe(["Queue:Concurrency", "Queue:MaxFileBytes", "Queue:MaxOpenJobs", "Queue:MaxPayloadBytes"]);
    }

    [Fact]
    public void A_layer_that_gives_one_item_gives_the_whole_list()
    {
        var file = File("""{ "Ivxp": { "Push": { "Delays": ["00:00:01", "00:00:02", "00:00:03"] } } }""");

        Configuration.From(file).Durations(ConfigurationKeys.PushDelays).Count.ShouldBe(3);
        Configuration.From(file, ConfigurationLayer.FromOptions(["Ivxp:Push:Delays:0=00:00:09"])).Durations(ConfigurationKeys.PushDelays).ShouldBe([TimeSpan.FromSeconds(9)]);
        Configuration.From(file, ConfigurationLayer.FromOptions(["Ivxp:Push:Delays="])).Durations(ConfigurationKeys.PushDelays).ShouldBeEmpty();
        Configuration.From(File("""{ "Ivxp": { "Push": { "Delays": [] } } }""")).Durations(ConfigurationKeys.PushDelays).ShouldBeEmpty();
    }

    [Fact]
    public void Services_are_a_list_of_objects()
    {
        var configuration = Configuration.From(File("""
            {
              // what we sell
              "Ivxp": { "Services": [
                { "Type": "research", "PriceUsdc": 50, "Exec": ["python3", "work.py"], "TimeLimit": "00:01:00" },
                { "Type": "text_echo", "PriceUsdc": 0.5 },
              ] }
            }
            """));

        configuration.Items(ConfigurationKeys.Services).ShouldBe(2);
        configuration.Required("Ivxp:Services:0:Type").ShouldBe("research");
        configuration.Amount("Ivxp:Services:1:PriceUsdc").ShouldBe(0.5m);
        configuration.Texts("Ivxp:Services:0:Exec").ShouldBe(["python3", "work.py"]);
        configuration.Texts("Ivxp:Services:1:Exec").ShouldBeEmpty();
        configuration.Duration("Ivxp:Services:1:TimeLimit").ShouldBe(TimeSpan.FromMinutes(10));
        configuration.SourceOf("Ivxp:Services:1:Type").ShouldBe("config.json:5");
    }

    [Fact]
    public void A_value_that_is_needed_and_missing_is_named() =>
        Should.Throw<PosthouseException>(() => Configuration.From().Required(ConfigurationKeys.RpcUrl)).Message.ShouldContain("Ivxp:RpcUrl is needed and not set");

    internal static IReadOnlyList<GivenValue> File(string json, bool isProject = false) =>
        ConfigurationFile.Parse(Encoding.UTF8.GetBytes(json), "config.json", isProject);
}
