using System.Reflection;

namespace Posthouse.Tests.House;

public sealed class PublicApiTests
{
    /// <summary>A reader looks at a few changes; a tool shows the rest.</summary>
    private const int Shown = 30;

    public static TheoryData<string> Packages => ["Posthouse", "Posthouse.Ivxp", "Posthouse.Vcs", "Posthouse.Mesh", "Posthouse.Redis", "Posthouse.Postgres", "Posthouse.AspNetCore", "Posthouse.Cli"];

    /// <summary>A wanted change is accepted by running this test with POSTHOUSE_APPROVE=1 and committing the file.</summary>
    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_api_is_the_approved_one(string package)
    {
        var actual = PublicApi.Print(Assembly.Load(package));
        var approved = Path.Combine(Tree.Root, "tests/Posthouse.Tests/House", package + ".api.txt");
        if (Environment.GetEnvironmentVariable("POSTHOUSE_APPROVE") == "1") { File.WriteAllText(approved, actual); }

        var before = Lines(File.ReadAllText(approved));
        var now = Lines(actual);
        var changes = before.Except(now).Select(line => "- " + line).Concat(now.Except(before).Select(line => "+ " + line)).ToList();
        if (changes.Count > 0)
        {
            Assert.Fail($"The public API of {package} changed in {changes.Count} lines. If that is meant, run this test once with POSTHOUSE_APPROVE=1.\n{string.Join('\n', changes.Take(Shown))}");
        }
    }

    [Fact]
    public void The_printer_tells_apart_what_a_caller_could_notice()
    {
        var printed = PublicApi.Print([typeof(Sample)]);

        printed.ShouldBe("""
            class Posthouse.Tests.House.PublicApiTests.Sample : IDisposable
                Int32 Count { get; }
                String? Name { get; init; }
                Task<IReadOnlyList<String>> ReadAsync(Int32 limit = 5)
                Void Dispose()
                const String Code = "SAMPLE"
                new()

            """);
    }

    /// <summary>Each member with its type before it, for many types have a member of the same words.</summary>
    private static List<string> Lines(string printed)
    {
        var type = "";
        var lines = new List<string>();
        foreach (var line in printed.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith(' ')) { type = line; }
            lines.Add(line.StartsWith(' ') ? $"{type.Split(" : ")[0]}  {line.Trim()}" : line);
        }

        return lines;
    }

    public class Sample : IDisposable
    {
        public const string Code = "SAMPLE";

        public string? Name { get; init; }

        public int Count { get; private set; }

        internal int Hidden { get; set; }

        public Task<IReadOnlyList<string>> ReadAsync(int limit = 5) => Task.FromResult<IReadOnlyList<string>>([$"{Count = limit}"]);

        public void Dispose() => GC.SuppressFinalize(this);
    }
}
