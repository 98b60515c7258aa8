using Microsoft.Extensions.Logging;
using Posthouse.Cli.Hosting;

namespace Posthouse.Tests.Cli.Hosting;

public sealed class LineLogTests
{
    [Fact]
    public void A_message_is_one_line_whatever_is_in_it()
    {
        var text = new StringWriter { NewLine = "\n" };
        using var log = new LineLog(text, new ManualTimeProvider(), LogLevel.Information);

        log.CreateLogger("Posthouse.A").Log(LogLevel.Warning, new EventId(1103), "one\r\ntwo", new IOException("three\nfour"), (state, _) => state);
        text.ToString().ShouldBe("2026-01-01T00:00:00.000Z warning Posthouse.A[1103] one two | IOException: three four\n");
    }

    [Fact]
    public void An_error_has_its_stack_and_a_warning_has_none()
    {
        var text = new StringWriter { NewLine = "\n" };
        using var log = new LineLog(text, new ManualTimeProvider(), LogLevel.Information);
        foreach (var level in new[] { LogLevel.Warning, LogLevel.Error })
        {
            try
            {
                throw new IOException("cut");
            }
            catch (IOException cut)
            {
                log.CreateLogger("Posthouse.A").Log(level, 0, "failed", cut, (state, _) => state);
            }
        }

        text.ToString().Split('\n').Select(line => line.Contains(nameof(An_error_has_its_stack_and_a_warning_has_none), StringComparison.Ordinal)).ShouldBe([false, true, false]);
    }

    [Fact]
    public void As_json_a_message_is_one_object_with_its_event_and_its_fields()
    {
        var text = new StringWriter { NewLine = "\n" };
        using var log = new LineLog(text, new ManualTimeProvider(), LogLevel.Information, isJson: true);
        Posthouse.Diagnostics.Log.LeasesTakenOver(log.CreateLogger("Posthouse.A"), "n1\n\"x\"", 3);
        KeyValuePair<string, object?>[] fields = [new("Share", 0.5), new("Nothing", null), new("{OriginalFormat}", "Half is {Share} of {Nothing}")];
        log.CreateLogger("Posthouse.B").Log(LogLevel.Error, 0, fields, new IOException("one\ntwo"), (_, _) => "Half is 0.5 of (null)");

        text.ToString().Split('\n').ShouldBe(
        [
            """{"time":"2026-01-01T00:00:00.000Z","level":"warning","category":"Posthouse.A","event_id":1104,"event":"LeasesTakenOver","message":"Process n1\n\"x\" is gone; 3 of its leases were taken over.","fields":{"instance":"n1\n\"x\"","count":3}}""",
            """{"time":"2026-01-01T00:00:00.000Z","level":"error","category":"Posthouse.B","event_id":0,"message":"Half is 0.5 of (null)","fields":{"share":0.5,"nothing":null},"exception":"System.IO.IOException: one\ntwo"}""",
            "",
        ]);
    }

    [Fact]
    public void The_configuration_says_how_and_how_much_is_written()
    {
        var text = new StringWriter();
        using var log = LineLog.Of(Given("Logging:Format=json", "Logging:Level=error"), text, new ManualTimeProvider());
        var logger = log.CreateLogger("Posthouse.A");
        logger.Log(LogLevel.Warning, 0, "not this", null, (state, _) => state);
        logger.Log(LogLevel.Error, 0, "this", null, (state, _) => state);

        text.ToString().ShouldStartWith("{\"time\":");
        text.ToString().ShouldNotContain("not this");
        Should.Throw<PosthouseException>(() => LineLog.Of(Given("Logging:Format=xml"), text, new ManualTimeProvider())).Message.ShouldContain("expected text or json");
        Should.Throw<PosthouseException>(() => LineLog.Of(Given("Logging:Level=loud"), text, new ManualTimeProvider())).Message.ShouldStartWith("Logging:Level=loud names no level");

        static Configuration Given(params string[] sets) => Configuration.From(sets.Select(set => new GivenValue(set.Split('=')[0], set.Split('=')[1], "test")));
    }

    [Theory]
    [InlineData("", "Posthouse.A", LogLevel.Information)]
    [InlineData("", "Microsoft.A", LogLevel.Warning)]
    [InlineData("debug", "Posthouse.A", LogLevel.Debug)]
    [InlineData("debug", "Microsoft.A", LogLevel.Debug)]
    [InlineData("error", "Posthouse.A", LogLevel.Error)]
    public void The_variable_says_how_much_is_written(string value, string category, LogLevel least)
    {
        using var log = new LineLog(new StringWriter(), new ManualTimeProvider(), LineLog.Level(value));
        var logger = log.CreateLogger(category);

        (logger.IsEnabled(least), logger.IsEnabled(least - 1)).ShouldBe((true, false));
    }

    [Fact]
    public void A_word_that_is_no_level_is_refused() =>
        Should.Throw<PosthouseException>(() => LineLog.Level("loud")).Code.ShouldBe(ErrorCodes.OptionsInvalid);
}
