using Posthouse.Retry;

namespace Posthouse.Tests.Retry;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(1994, 11, 6, 8, 49, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("120", 120)]
    [InlineData(" 0 ", 0)]
    [InlineData("99999999999999999999", int.MaxValue)]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 37)]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", 37)]
    [InlineData("Sun Nov  6 08:49:37 1994", 37)]
    public void Seconds_and_the_three_dates_are_read(string header, int seconds) =>
        RetryAfter.Parse(header, Now).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void A_date_counts_from_a_now_of_any_offset() =>
        RetryAfter.Parse("Sun, 06 Nov 1994 08:49:37 GMT", Now.ToOffset(TimeSpan.FromHours(5))).ShouldBe(TimeSpan.FromSeconds(37));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("soon")]
    [InlineData("+3")]
    [InlineData("１２")]
    [InlineData("Sun, 06 Nov 1994 08:48:59 GMT")]
    [InlineData("Mon, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 CET")]
    public void Anything_else_asks_for_nothing(string? header) => RetryAfter.Parse(header, Now).ShouldBeNull();
}
