using System.Reflection;
using System.Text.RegularExpressions;
using Posthouse.Ivxp.Protocol;
using Posthouse.Tests.House;

namespace Posthouse.Tests.Ivxp.Protocol;

/// <summary>The spec page and the code say the same.</summary>
public sealed class WireSpecTests
{
    private static readonly string Page = Tree.Read("spec/ivxp/wire.md").Text;

    [Fact]
    public void Routes_are_those_of_the_page() => Cells("Routes", 0).ShouldBe(Constants(typeof(IvxpProtocol.Routes)), ignoreOrder: true);

    [Fact]
    public void Header_fields_are_those_of_the_page() => Cells("Header fields", 0).ShouldBe(Constants(typeof(IvxpProtocol.Headers)), ignoreOrder: true);

    [Fact]
    public void Error_codes_and_their_statuses_are_those_of_the_page()
    {
        Cells("Errors", 0).Zip(Cells("Errors", 1)).Select(row => $"{row.First} {row.Second}")
            .ShouldBe(IvxpErrors.HttpStatuses.Select(pair => $"{pair.Key} {pair.Value}"), ignoreOrder: true);
        Constants(typeof(IvxpErrors)).ShouldBe(IvxpErrors.HttpStatuses.Keys, ignoreOrder: true);
    }

    [Fact]
    public void Networks_are_those_of_the_page() =>
        Cells("Networks", 0).Zip(Cells("Networks", 1), Cells("Networks", 2)).Select(row => $"{row.First} {row.Second} {row.Third}")
            .ShouldBe(UsdcNetwork.All.Select(network => $"{network.Id} {network.ChainId} {network.Contract.ToChecksum()}"));

    [Fact]
    public void Signed_texts_are_those_of_the_page() =>
        Cells("Signed texts", 0).Zip(Cells("Signed texts", 1)).Select(row => $"{row.First} {row.Second}")
            .ShouldBe(SignedText.All.Select(text => $"{text.Id} {text.Template}"));

    [Fact]
    public void Schemas_name_the_message_types_and_versions_of_the_code()
    {
        var schemas = string.Concat(Tree.Read(path => path.StartsWith("spec/ivxp/schemas/", StringComparison.Ordinal)).Select(file => file.Text));
        foreach (var type in Constants(typeof(IvxpProtocol.MessageTypes)).Append(IvxpProtocol.Version10).Append(IvxpProtocol.Version11))
            schemas.ShouldContain($"\"{type}\"");
    }

    private static IEnumerable<string> Constants(Type type) => type
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field.IsLiteral)
        .Select(field => (string)field.GetRawConstantValue()!);

    private static List<string> Cells(string heading, int column)
    {
        var section = Page.Split("\n## ").Single(part => part.StartsWith(heading + "\n", StringComparison.Ordinal));
        return [.. section.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2)
            .Select(line => Regex.Split(line, @"(?<!\\)\|")[column + 1].Trim().Trim('`').Replace("\\|", "|", StringComparison.Ordinal))];
    }
}
