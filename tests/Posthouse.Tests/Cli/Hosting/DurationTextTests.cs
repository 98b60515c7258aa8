using Posthouse.Cli.Hosting;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>Durations as every verb takes them.</summary>
public sealed class DurationTextTests
{
    [Theory]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("1h30m", 5_400)]
    [InlineData("00:10:00", 600)]
    [InlineData("1.00:00:00", 86_400)]
    public void Units_and_the_clock_are_both_taken(string written, int seconds) => DurationText.Parse("--deadline", written).TotalSeconds.ShouldBe(seconds);

    [Theory]
    [InlineData("10")]
    [InlineData("-00:10:00")]
    [InlineData("00:00:00")]
    [InlineData("ten")]
    [InlineData("400d")]
    public void What_is_none_is_refused_with_what_is_taken(string written) =>
        Should.Throw<PosthouseException>(() => DurationText.Parse("--deadline", written)).Code.ShouldBe(ErrorCodes.OptionsInvalid);

    [Fact]
    public void A_number_alone_counts_hours_where_they_are_usual() => DurationText.Parse("--timeout", "4", TimeSpan.FromHours(1)).ShouldBe(TimeSpan.FromHours(4));
}
