using Posthouse.Ivxp.Protocol;

namespace Posthouse.Tests.Ivxp.Protocol;

public sealed class WireValueTests
{
    [Theory]
    [InlineData("2026-02-05T12:00:00Z", "2026-02-05T12:00:00.000Z")]
    [InlineData("2026-02-05T12:00:00.123456789Z", "2026-02-05T12:00:00.123Z")]
    [InlineData("2026-02-05T12:00:00.9-05:30", "2026-02-05T17:30:00.900Z")]
    [InlineData("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z")]
    [InlineData("2024-02-29T23:59:59+00:00", "2024-02-29T23:59:59.000Z")]
    [InlineData("2026-02-05T12:00:00+23:59", "2026-02-04T12:01:00.000Z")]
    public void A_timestamp_with_a_zone_is_read_and_written_in_UTC(string text, string written)
    {
        WireTime.TryParse(text, out var instant).ShouldBeTrue();
        WireTime.Write(instant).ShouldBe(written);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2026-02-05T12:00:00")]
    [InlineData("2026-02-05 12:00:00Z")]
    [InlineData("2026-02-05T12:00:00z")]
    [InlineData("2026-02-05T12:00:00.Z")]
    [InlineData("2026-02-05T12:00:00.1234567890Z")]
    [InlineData("2026-02-29T12:00:00Z")]
    [InlineData("2026-00-05T12:00:00Z")]
    [InlineData("2026-13-05T12:00:00Z")]
    [InlineData("2026-02-05T24:00:00Z")]
    [InlineData("2026-02-05T12:60:00Z")]
    [InlineData("2026-02-05T12:00:60Z")]
    [InlineData("2026-02-05T12:00:00+24:00")]
    [InlineData("2026-02-05T12:00:00+0100")]
    [InlineData("0000-02-05T12:00:00Z")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("2026-02-05T12:00:00Z\n")]
    [InlineData("٢٠٢٦-02-05T12:00:00Z")]
    public void What_is_no_instant_is_refused(string? text) => WireTime.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData(-300_000, true)]
    [InlineData(-300_001, false)]
    [InlineData(0, true)]
    [InlineData(60_000, true)]
    [InlineData(60_001, false)]
    public void A_message_is_fresh_from_300_s_before_to_60_s_after(int milliseconds, bool fresh)
    {
        var now = new DateTimeOffset(2026, 2, 5, 12, 0, 0, TimeSpan.Zero);
        WireTime.IsFresh(now.AddMilliseconds(milliseconds), now).ShouldBe(fresh);
    }

    [Theory]
    [InlineData("5", 5_000_000, "5")]
    [InlineData("5.0", 5_000_000, "5")]
    [InlineData("5.000000000", 5_000_000, "5")]
    [InlineData("0.1", 100_000, "0.1")]
    [InlineData("0.000001", 1, "0.000001")]
    [InlineData("1e-6", 1, "0.000001")]
    [InlineData("5E1", 50_000_000, "50")]
    [InlineData("1.25e+1", 12_500_000, "12.5")]
    [InlineData("0", 0, "0")]
    [InlineData("0e99999", 0, "0")]
    [InlineData("9223372036854.775807", long.MaxValue, "9223372036854.775807")]
    public void An_amount_is_read_exactly(string text, long units, string written)
    {
        UsdcAmount.TryParse(text, out var amount).ShouldBeTrue();
        amount.Units.ShouldBe(units);
        amount.ToString().ShouldBe(written);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1,5")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1e")]
    [InlineData("0x5")]
    [InlineData("NaN")]
    [InlineData("0.0000001")]
    [InlineData("1e-7")]
    [InlineData("0.30000000000000004")]
    [InlineData("9223372036854.775808")]
    [InlineData("1e400")]
    [InlineData("1e999999999999")]
    public void What_is_no_amount_of_units_is_refused(string? text) => UsdcAmount.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_budget_may_have_been_calculated_in_floating_point_and_is_rounded_down()
    {
        UsdcAmount.TryParseFloor("0.30000000000000004", out var amount).ShouldBeTrue();
        amount.ShouldBe(UsdcAmount.FromUnits(300_000));
        UsdcAmount.TryParseFloor("4.9999999999", out amount).ShouldBeTrue();
        (amount < UsdcAmount.FromUnits(5_000_000)).ShouldBeTrue();
        UsdcAmount.TryParseFloor("1e-99999", out amount).ShouldBeTrue();
        amount.ShouldBe(UsdcAmount.Zero);
        UsdcAmount.TryParseFloor("1e99999", out _).ShouldBeFalse();
        UsdcAmount.TryParseFloor("-1", out _).ShouldBeFalse();
        Should.Throw<OverflowException>(() => UsdcAmount.FromUnits(long.MaxValue) + UsdcAmount.FromUnits(1));
    }
}
