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
