using System.Text.Json;
using Posthouse.Generator.Model;
using Posthouse.Generator.Reading;
using Posthouse.Generator.Writing;

namespace Posthouse.Generator.Tests;

public sealed class ShapeTests
{
    private const string Job = "[Job(\"a.b\")] public record A(int Count, Inner Part, Mood Mood, string? Note) : IJob<string> { public string OptimisticResult(OptimisticContext c) => \"\"; } "
        + "public record Inner(string Text); public enum Mood { Glad, Sad }";

    [Theory]
    [InlineData("int Count", "long Count")]
    [InlineData("int Count", "int Counts")]
    [InlineData("int Count", "int? Count")]
    [InlineData("string? Note", "string Note")]
    [InlineData("record Inner(string Text)", "record Inner(string Text, int More)")]
    [InlineData("Glad, Sad", "Sad, Glad")]
    [InlineData("Glad, Sad", "Glad, Sad, Bored")]
    [InlineData("Inner Part", "IReadOnlyList<Inner> Part")]
    [InlineData("int Count", "[property: JsonPropertyName(\"n\")] int Count")]
    [InlineData("public enum", "[JsonConverter(typeof(JsonStringEnumConverter<Mood>))] public enum")]
    public void A_change_of_the_json_without_a_new_version_is_an_error(string before, string after)
    {
        var mistake = Compiled.Of(Job.Replace(before, after, StringComparison.Ordinal)).Mistakes(Accepted(Job)).ShouldHaveSingleItem();
        mistake.Id.ShouldBe("PH0012");
        mistake.GetMessage(null).ShouldContain("job \"a.b\" version 1");
    }

    [Theory]
    [InlineData("record A(", "record Renamed(")]
    [InlineData("Inner", "Piece")]
    [InlineData("int Count, Inner Part", "Inner Part, int Count")]
    [InlineData("int Count", "[property: JsonPropertyName(\"count\")] int HowMany")]
    [InlineData("public record Inner(string Text)", "public readonly record struct Inner(string Text)")]
    public void A_change_that_the_json_does_not_show_is_none(string before, string after) =>
        Compiled.Of(Job.Replace(before, after, StringComparison.Ordinal)).Mistakes(Accepted(Job)).ShouldBeEmpty();

    [Fact]
    public void A_new_version_may_have_a_new_shape_and_the_old_record_must_keep_its_own()
    {
        var next = Job.Replace("[Job(\"a.b\")]", "[Job(\"a.b\", Version = 2)]", StringComparison.Ordinal).Replace("int Count", "long Total", StringComparison.Ordinal)
            .Replace("{ public", "{ [Upcast(1)] public static A One(Old o) => new(o.Count, o.Part, o.Mood, o.Note); public", StringComparison.Ordinal);
        var old = " public record Old(int Count, Inner Part, Mood Mood, string? Note);";
        Compiled.Of(next + old).Mistakes(Accepted(Job)).ShouldBeEmpty();
        Compiled.Of(next + old.Replace("string? Note", "string? Note, int More", StringComparison.Ordinal)).Mistakes(Accepted(Job))
            .ShouldHaveSingleItem().GetMessage(null).ShouldContain("'Old' is not what job \"a.b\" version 1");
    }

    [Fact]
    public void Accepting_writes_what_is_there_and_keeps_what_was()
    {
        const string earlier = """{ "jobs": [ { "name": "a.b", "version": 1, "shape": "00" }, { "name": "z.gone", "version": 4, "shape": "ff" } ] }""";
        var accepted = Accepted(Job, earlier);
        JsonDocument.Parse(accepted).RootElement.GetProperty("jobs").EnumerateArray()
            .Select(j => (j.GetProperty("name").GetString(), j.GetProperty("version").GetInt32())).ShouldBe([("a.b", 1), ("z.gone", 4)]);
        accepted.ShouldContain("\"ff\"");
        accepted.ShouldNotContain("\"00\"");
        Compiled.Of(Job).Mistakes(earlier).ShouldHaveSingleItem().Id.ShouldBe("PH0012");
        Compiled.Of(Job).Mistakes(earlier, ["PosthouseAcceptJobShapes"]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("<<<<<<< ours\n{ \"jobs\": [] }")]
    [InlineData("{ \"jobs\": [ { \"name\": \"a.b\", \"version\": \"1\", \"shape\": \"00\" } ] }")]
    public void A_baseline_that_cannot_be_read_is_an_error_and_never_an_empty_one(string text) =>
        Compiled.Of(Job).Mistakes(text).ShouldHaveSingleItem().Id.ShouldBe("PH0020");

    [Fact]
    public void The_writers_baseline_is_the_readers()
    {
        var job = new JobModel { Name = "a.b-c", Version = 2, Shapes = new[] { new ShapeModel(1, "0a"), new ShapeModel(2, "0b") }.ToEquatable() };
        SurroundingsReader.Baseline("f", BaselineWriter.Write([job], null)).Shapes!.Value
            .ShouldBe([new AcceptedShape("a.b-c", 1, "0a"), new AcceptedShape("a.b-c", 2, "0b")]);
        SurroundingsReader.Baseline("f", BaselineWriter.Write([], null)).Shapes!.Value.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Name")]
    [InlineData("MediaType")]
    [InlineData("URLOfPage")]
    [InlineData("PageURL")]
    [InlineData("X")]
    [InlineData("IOStream")]
    [InlineData("Sha256Hash")]
    [InlineData("Sha256hash")]
    [InlineData("already_snake")]
    [InlineData("Mixed_Case")]
    [InlineData("_leading")]
    [InlineData("Trailing_")]
    [InlineData("Two__Lines")]
    [InlineData("A1B2")]
    [InlineData("GrößeÄnderung")]
    [InlineData("camelCase")]
    [InlineData("ABC")]
    public void Names_are_what_the_serializer_makes_of_them(string name) =>
        SnakeCase.Of(name).ShouldBe(JsonNamingPolicy.SnakeCaseLower.ConvertName(name));

    private static string Accepted(string source, string? earlier = null)
    {
        var text = Compiled.Of(source).Emitted(earlier, "PosthouseAcceptJobShapes").Source;
        return text[text.IndexOf('{', StringComparison.Ordinal)..(text.LastIndexOf('}') + 1)];
    }
}
