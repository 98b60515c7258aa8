using Posthouse.Cli.Output;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Tests.Cli.Output;

public sealed class TransferLineTests
{
    private static readonly Terminal _person = new() { Colour = true, Unicode = true, Emoji = true, IsInteractive = true, ShowsProgress = true };

    [Fact]
    public void The_line_shows_what_was_acknowledged_the_rate_and_the_time_left() =>
        TransferLine.Text("Pushing", new TransferProgress(64 << 20, 256 << 20, null), 2 << 20, _person)
            .ShouldBe("Pushing [██████░░░░░░░░░░░░░░░░░░]  25% 64.0 MiB of 256.0 MiB, 2.0 MiB/s, 1m 36s left");

    [Fact]
    public void In_ascii_it_is_drawn_with_signs_of_ascii() =>
        TransferLine.Text("Pushing", new TransferProgress(512, 1_024, null), null, _person with { Unicode = false })
            .ShouldBe("Pushing [############............]  50% 512 B of 1.0 KiB");

    [Fact]
    public void Nothing_known_is_no_division_by_nothing() =>
        TransferLine.Text("Pushing", new TransferProgress(0, 0, null), 0, _person).ShouldContain("  0% 0 B of 0 B");

    [Fact]
    public void A_pipe_hears_nothing()
    {
        var error = new StringWriter();
        using (var bar = new TransferBar(error, _person with { ShowsProgress = false }, new ManualTimeProvider(), "Pushing")) { bar.Report(new TransferProgress(1, 2, null)); }

        error.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void A_persons_line_is_redrawn_ten_times_a_second_at_most_and_wiped_at_the_end()
    {
        var (error, time) = (new StringWriter(), new ManualTimeProvider());
        using (var bar = new TransferBar(error, _person, time, "Pushing"))
        {
            bar.Report(new TransferProgress(1_024, 8_192, null));
            bar.Report(new TransferProgress(2_048, 8_192, null));
            time.Advance(TimeSpan.FromSeconds(2));
            bar.Report(new TransferProgress(5_120, 8_192, null));
        }

        var drawn = error.ToString().Split('\r', StringSplitOptions.RemoveEmptyEntries);
        drawn.Length.ShouldBe(3);
        drawn[1].ShouldEndWith("2.0 KiB/s, 1s left");
        drawn[2].ShouldBe(new string(' ', drawn[1].Length));
    }
}
