using System.Text;
using System.Text.Json;
using Posthouse.Cli.Hosting;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>An edit changes one value and no other byte.</summary>
public sealed class JsonEditTests
{
    [Theory]
    // A value that is there.
    [InlineData("""{ "A": 1 }""", "A", "2", """{ "A": 2 }""")]
    [InlineData("""{"a":"x"/* c */,}""", "A", "\"y\"", """{"a":"y"/* c */,}""")]
    [InlineData("""{ "A": { "B": [true, "x" /* last */] } }""", "A:B:1", "\"z\"", """{ "A": { "B": [true, "z" /* last */] } }""")]
    [InlineData("""{ "A:B": { "C": 1 } }""", "A:B:C", "2", """{ "A:B": { "C": 2 } }""")]
    [InlineData("""{ "A": null }""", "A:B", "2", """{ "A": { "B": 2 } }""")]
    [InlineData("""{ "L": [1, 2] }""", "L", "[]", """{ "L": [] }""")]
    // A member or item that is new.
    [InlineData("{}", "A", "1", "{\n  \"A\": 1\n}")]
    [InlineData("{\n}\n", "A:B:0:C", "1", "{\n  \"A\": { \"B\": [{ \"C\": 1 }] }\n}\n")]
    [InlineData("{\n  // nothing yet\n}", "A", "1", "{\n  \"A\": 1\n  // nothing yet\n}")]
    [InlineData("""{ "A": 1 }""", "B", "2", """{ "A": 1, "B": 2 }""")]
    [InlineData("""{ "A": 1, }""", "B", "2", """{ "A": 1, "B": 2, }""")]
    [InlineData("{\n\t\"A\": 1 // why, and \"how\"\n\t// the end\n}", "B", "2", "{\n\t\"A\": 1, // why, and \"how\"\n\t\"B\": 2\n\t// the end\n}")]
    [InlineData("{\r\n  \"A\": 1,\r\n}", "B", "2", "{\r\n  \"A\": 1,\r\n  \"B\": 2,\r\n}")]
    [InlineData("{\n  \"A\": 1\n  ,\n}", "B", "2", "{\n  \"A\": 1\n  ,\n  \"B\": 2,\n}")]
    [InlineData("{ \"A\": 1 // x\n}", "B", "2", "{ \"A\": 1, // x\n\"B\": 2\n}")]
    [InlineData("""{ "L": [] }""", "L:0", "1", """{ "L": [1] }""")]
    [InlineData("""{ "L": [1, 2] }""", "L:2", "3", """{ "L": [1, 2, 3] }""")]
    [InlineData("{\n  \"L\": [\n    1 /* one\n    */\n  ]\n}", "L:1", "2", "{\n  \"L\": [\n    1, /* one\n    */\n    2\n  ]\n}")]
    [InlineData("""{ "S": [{ "T": "a" }] }""", "S:0:P", "5", """{ "S": [{ "T": "a", "P": 5 }] }""")]
    public void Only_the_value_changes(string before, string key, string value, string after)
    {
        Set(before, key, value).ShouldBe(after);
        Set("\uFEFF" + before, key, value).ShouldBe("\uFEFF" + after);
        Set(after, key, value).ShouldBe(after);
    }

    [Theory]
    [InlineData("""{ "A": 1 }""", "A:B", "A is a single value")]
    [InlineData("""{ "A": { "B": 1 } }""", "A", "A holds more than one value")]
    [InlineData("""{ "L": [1] }""", "L:2", "L has 1 item(s); the next is L:1")]
    [InlineData("""{ "L": [1] }""", "L:01", "L has 1 item(s)")]
    [InlineData("{}", "L:1", "L has no items; the first is L:0")]
    [InlineData("""{ "L": [1] }""", "L:X", "L is a list")]
    [InlineData("""{ "L": { "X": 1 } }""", "L:0", "L is no list")]
    public void A_key_that_does_not_fit_what_stands_there_is_refused(string json, string key, string message) =>
        Should.Throw<FormatException>(() => Set(json, key, "1")).Message.ShouldContain(message);

    [Fact]
    public void Whatever_is_set_is_read_again_and_everything_else_as_before()
    {
        string[] layouts =
        [
            "{}", "{ }", "{/**/}", "{ // x\n}", """{"Urls":"http://a"}""", "{\n  // a\n  \"Urls\": \"http://a\", // b\n\n  /* c */ \"Queue\": { }\n  // d\n}",
            """{ "Ivxp": { "Push": { "Delays": [ "00:00:01" , ] , } , "Services": [ ] } }""", """{ "Ivxp:Push": { "Timeout": "00:00:01" } }""",
        ];
        (string Key, string Value)[] edits =
        [
            ("Urls", "\"http://b\""), ("Queue:Concurrency", "7"), ("Ivxp:Push:Timeout", "\"00:00:09\""), ("Ivxp:Push:Delays:0", "\"00:00:02\""),
            ("Ivxp:Services:0:Exec:0", "\"a // b, \\\"c\\\" }\""), ("Ivxp:StrictV10", "true"),
        ];
        foreach (var layout in layouts)
        {
            var text = layout;
            foreach (var (key, value) in edits)
            {
                var expected = Values(text).Where(pair => pair.Key != key).Append(new(key, JsonDocument.Parse(value).RootElement.ToString().Replace("True", "true"))).OrderBy(pair => pair.Key).ToList();
                text = Set(text, key, value);
                Values(text).ShouldBe(expected, $"{key} in {layout}");
            }
        }
    }

    private static List<KeyValuePair<string, string?>> Values(string text) =>
        [.. ConfigurationTests.File(text).Where(given => given.Value is not null).Select(given => KeyValuePair.Create(given.Name, given.Value)).OrderBy(pair => pair.Key)];

    private static string Set(string json, string key, string value) => Encoding.UTF8.GetString(JsonEdit.Set(Encoding.UTF8.GetBytes(json), key, value));
}
