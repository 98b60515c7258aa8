using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Mesh.Wire;

/// <summary>The spec page and the code say the same.</summary>
public sealed class WireSpecTests
{
    private static readonly string Page = Tree.Read("spec/mesh/wire.md").Text;

    [Fact]
    public void Frames_are_those_of_the_page() =>
        Rows("Frames").Select(row => (Number(row[0]), row[1])).ShouldBe(
            Enum.GetValues<FrameType>().Where(type => type != FrameType.None).Select(type => ((int)type, type.ToString())));

    [Fact]
    public void Signed_and_gossiped_frames_are_those_of_the_page() =>
        Rows("Frames").Select(row => row[2]).ShouldBe(
            Enum.GetValues<FrameType>().Where(type => type != FrameType.None).Select(type => type.IsGossiped() ? "signed, gossiped" : type.IsSigned() ? "signed" : ""));

    [Fact]
    public void Reasons_and_their_judgements_are_those_of_the_page() =>
        Rows("Reasons").Select(row => (Number(row[0]), row[1], row[2])).ShouldBe(
            Enum.GetValues<Refusal>().Where(reason => reason != Refusal.None).Select(reason => ((int)reason, reason.ToString(), Verdict.Of(reason).Judgement.ToString())));

    [Fact]
    public void Limits_are_those_of_the_page() =>
        Rows("Limits").Select(row => $"{row[0]} {row[1]}").ShouldBe(Constants(), ignoreOrder: true);

    [Fact]
    public void Choices_are_those_of_the_page() =>
        Rows("Choices").Select(row => $"{row[0]} {row[1]} {row[2]}").ShouldBe(
            Enum.GetValues<ProviderState>().Select(state => $"state {(int)state} {state}")
                .Concat(Enum.GetValues<GoodbyeReason>().Select(reason => $"reason {(int)reason} {reason}")));

    private static IEnumerable<string> Constants() => typeof(MeshProtocol)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => $"{field.Name} {(field.GetValue(null) is TimeSpan time ? $"{time.TotalSeconds} s" : Convert.ToString(field.GetValue(null), CultureInfo.InvariantCulture))}");

    private static int Number(string cell) => Convert.ToInt32(cell, cell.StartsWith("0x", StringComparison.Ordinal) ? 16 : 10);

    private static List<string[]> Rows(string heading)
    {
        var section = Page.Split("\n## ").Single(part => part.StartsWith(heading + "\n", StringComparison.Ordinal));
        return [.. section.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2)
            .Select(line => Regex.Split(line, @"(?<!\\)\|")[1..].Select(cell => cell.Trim().Trim('`')).ToArray())];
    }
}
