using System.Reflection;

namespace Posthouse.Tests.House;

public sealed class PublicApiTests
{
    public static TheoryData<string> Packages => ["Posthouse", "Posthouse.Ivxp", "Posthouse.AspNetCore", "Posthouse.Cli"];

    /// <summary>A wanted change is accepted by running this test with POSTHOUSE_APPROVE=1 and committing the file.</summary>
    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_api_is_the_approved_one(string package)
    {
        var actual = PublicApi.Print(Assembly.Load(package));
        var approved = Path.Combine(Tree.Root, "tests/Posthouse.Tests/House", package + ".api.txt");
        if (Environment.GetEnvironmentVariable("POSTHOUSE_APPROVE") == "1") { File.WriteAllText(approved, actual); }

        var before = File.ReadAllText(approved).Split('\n');
        var now = actual.Split('\n');
        var changes = before.Except(now).Select(line => "- " + line).Concat(now.Except(before).Select(line => "+ " + line)).ToList();
        changes.ShouldBeEmpty($"The public API of {package} changed. If that is meant, run this test once with POSTHOUSE_APPROVE=1.");
        actual.ShouldBe(File.ReadAllText(approved));
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
