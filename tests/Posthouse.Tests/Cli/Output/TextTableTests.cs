using Posthouse.Cli.Output;

namespace Posthouse.Tests.Cli.Output;

public sealed class TextTableTests
{
    [Fact]
    public void Columns_line_up_by_what_the_eye_sees()
    {
        Written(new TextTable("Name", "N").AlignRight(1).Add("日本", "1").Add("e\u0301t", "12"), unicode: true).ShouldBe("""
            Name   N
            ────  ──
            日本   1
            ét   12

            """.Replace("ét   12", "e\u0301t    12", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_unicode_nothing_but_ascii_is_written() =>
        Written(new TextTable("Name").Add("naïve ✓"), unicode: false).ShouldBe("Name\n-------\nna?ve ?\n");

    [Fact]
    public void A_cell_cannot_steer_the_terminal() =>
        Written(new TextTable("Name").Add("a\u001b[31mb\nc\u202Ed"), unicode: true).ShouldBe("Name\n──────────\na [31mb c d\n".Replace("──────────", new string('─', 11), StringComparison.Ordinal));

    [Fact]
    public void A_row_of_another_length_is_a_bug_and_thrown() => Should.Throw<ArgumentException>(() => new TextTable("A", "B").Add("1"));

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("日本", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("📮", 2)]
    [InlineData("", 0)]
    public void Width_is_counted_in_cells(string text, int width) => DisplayWidth.Of(text).ShouldBe(width);

    private static string Written(TextTable table, bool unicode)
    {
        var writer = new StringWriter { NewLine = "\n" };
        table.Write(writer, unicode);
        return writer.ToString();
    }
}
