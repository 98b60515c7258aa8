using Posthouse.Cli.Output;

namespace Posthouse.Tests.Cli.Output;

public sealed class AgesTests
{
    private static readonly DateTimeOffset _now = new(2026, 2, 5, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(4 * 3_600, "in 4h")]
    [InlineData((4 * 3_600) - 0.2, "in 4h")]
    [InlineData((3.4 * 3_600), "in 3h")]
    [InlineData(3_599.9, "in 1h")]
    [InlineData(1_799, "in 30m")]
    [InlineData(59.8, "in 1m")]
    [InlineData(44.9, "in 45s")]
    [InlineData(0.1, "in 1s")]
    [InlineData(0, "now")]
    [InlineData((48 * 3_600) - 1, "in 2d")]
    public void What_was_asked_for_a_moment_ago_is_said_as_it_was_asked(double seconds, string said) =>
        Ages.AheadAbout(_now.AddSeconds(seconds), _now).ShouldBe(said);
}
