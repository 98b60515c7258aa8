using Microsoft.Extensions.Logging;
using Posthouse.Cli.Hosting;
using Posthouse.Diagnostics;

namespace Posthouse.Tests.Diagnostics;

public sealed class StoreWatchTests
{
    [Fact]
    public void A_slow_group_is_named_but_not_among_the_first_which_load_their_code()
    {
        var time = new ManualTimeProvider();
        var text = new StringWriter();
        using var log = new LineLog(text, time, LogLevel.Information);
        var watch = new StoreWatch(log.CreateLogger("Posthouse"), PosthouseMetrics.Unwatched, time);
        var began = time.GetTimestamp();
        time.Advance(TimeSpan.FromMilliseconds(51));

        for (var group = 0; group < 16; group++) { watch.Ran(began); }
        text.ToString().ShouldBeEmpty();
        watch.Ran(began);
        text.ToString().ShouldContain("[1003] The functions of a group ran for 51 ms");
    }
}
