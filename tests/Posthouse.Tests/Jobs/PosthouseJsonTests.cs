using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Posthouse.Files;
using Posthouse.Jobs;

namespace Posthouse.Tests.Jobs;

/// <summary>The vectors of <c>spec/jobs/payload.md</c>, by reflection and through a context that wants everything otherwise.</summary>
public sealed class PosthouseJsonTests
{
    private static readonly OtherwiseJson Context = new(PosthouseJson.NewOptions());

    private static readonly EveryKind Kinds = new(
        true, -1, long.MaxValue, 0.1, 1.50m, 'x', "a\"\\/<ü😀\n", null, new Guid("0190f2a4-5b6c-7d8e-9fa0-b1c2d3e4f506"),
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(1), new TimeSpan(1, 2, 3, 4), new DateOnly(2026, 1, 2), [0, 255], Mood.Urgent, Named.Urgent);

    private static readonly Nested Nest = new(
        JobId.Parse("msg-1-00000000000000ff"), JobFile.FromPath("/tmp/p.jpg", "image/jpeg"), [1, 2], new Dictionary<string, int> { ["KeyAsIs"] = 1 }, "u", "g");

    [Fact]
    public void Bytes_are_those_of_the_vectors_whoever_supplies_the_type_info()
    {
        Same("empty result", default, PosthouseJson.Nothing);
        Same("every kind", Kinds, PosthouseJson.TypeInfo<EveryKind>(Context));
        Same("nested", Nest, PosthouseJson.TypeInfo<Nested>(Context));
        Same("derived", new Derived("d", "b"), PosthouseJson.TypeInfo<Derived>(Context));
    }

    [Theory]
    [InlineData("""{"text":"a"}""")]
    [InlineData("""{"text":"a","count":1,"more":2}""")]
    [InlineData("""{"text":"a","count":1,"count":1}""")]
    [InlineData("""{"Text":"a","count":1}""")]
    [InlineData("""{"text":null,"count":1}""")]
    [InlineData("""{"text":"a","count":"1"}""")]
    public void What_no_version_writes_is_refused(string json)
    {
        Should.Throw<JsonException>(() => PosthouseJson.Read(Encoding.UTF8.GetBytes(json), PosthouseJson.TypeInfo<Small>(Context)));
        Should.Throw<JsonException>(() => PosthouseJson.Read(Encoding.UTF8.GetBytes(json), PosthouseJson.TypeInfo<Small>()));
    }

    [Fact]
    public void Null_is_no_record_and_a_type_that_is_not_listed_is_named()
    {
        Should.Throw<PosthouseException>(() => PosthouseJson.Read("null"u8, PosthouseJson.TypeInfo<Small>())).Code.ShouldBe(ErrorCodes.JobInvalid);
        Should.Throw<PosthouseException>(() => PosthouseJson.TypeInfo<Uri>(Context)).Message.ShouldContain("[JsonSerializable(typeof(Uri))]");
    }

    [Fact]
    public void A_job_id_is_its_text_also_as_a_key_and_also_when_it_is_the_default()
    {
        var info = PosthouseJson.TypeInfo<Dictionary<JobId, JobId>>();
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new() { [JobId.Parse("a")] = default }, info);
        Encoding.UTF8.GetString(bytes).ShouldBe("""{"a":""}""");
        PosthouseJson.Read(bytes, info)[JobId.Parse("a")].ShouldBe(default);
        Should.Throw<JsonException>(() => PosthouseJson.Read("""{"a":"no id"}"""u8, info));
    }

    [Fact]
    public void The_specification_names_every_option_that_differs_from_the_serializers_own()
    {
        var text = File.ReadAllText(Specification());
        var plain = new JsonSerializerOptions();
        var pinned = PosthouseJson.NewOptions();
        var differing = typeof(JsonSerializerOptions).GetProperties()
            .Where(p => p.PropertyType.IsPrimitive || p.PropertyType.IsEnum || p.PropertyType == typeof(JsonNamingPolicy))
            .Where(p => !Equals(p.GetValue(plain), p.GetValue(pinned)))
            .Select(p => p.Name).ToList();
        differing.ShouldContain("MaxDepth");
        differing.ShouldAllBe(name => text.Contains($"| `{name}` |", StringComparison.Ordinal));
    }

    private static void Same<T>(string vector, T value, JsonTypeInfo<T> listed)
    {
        var row = File.ReadLines(Specification()).Single(l => l.StartsWith($"| {vector} |", StringComparison.Ordinal));
        var expected = row.Split('`')[1];
        Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(value, listed)).ShouldBe(expected);
        Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(value, PosthouseJson.TypeInfo<T>())).ShouldBe(expected);
        var back = PosthouseJson.Read(Encoding.UTF8.GetBytes(expected), listed);
        Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(back, listed)).ShouldBe(expected);
    }

    private static string Specification()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Posthouse.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests run outside the repository.");
        }

        return Path.Combine(folder, "spec", "jobs", "payload.md");
    }
}

internal enum Mood
{
    Urgent = 7,
}

[JsonConverter(typeof(JsonStringEnumConverter<Named>))]
internal enum Named
{
    Urgent = 7,
}

internal sealed record EveryKind(
    bool Flag, int Small, long Large, double Ratio, decimal Price, char Letter, string Text, string? Nothing, Guid Id,
    DateTimeOffset At, TimeSpan Span, DateOnly Day, byte[] Bytes, Mood Mood, Named Named);

internal sealed record Nested(
    JobId Job, JobFile File, IReadOnlyList<int> List, IReadOnlyDictionary<string, int> Map, string UrlOfPage,
    [property: JsonPropertyName("given-name")] string Name);

internal sealed record Small(string Text, int Count);

internal abstract record Ancestor(string Above);

internal sealed record Derived(string Below, string Above) : Ancestor(Above)
{
    public int Computed => Below.Length;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseUpper,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.SnakeCaseUpper,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString,
    PropertyNameCaseInsensitive = true,
    IncludeFields = true,
    WriteIndented = true)]
[JsonSerializable(typeof(EveryKind)), JsonSerializable(typeof(Nested)), JsonSerializable(typeof(Small)), JsonSerializable(typeof(Derived))]
internal sealed partial class OtherwiseJson : JsonSerializerContext;
