using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Posthouse.Generator.Tests;

/// <summary>Each mistake: source in, diagnostic out. A case names the id and a part of the message.</summary>
public sealed class MistakesTests
{
    private const string Body = "{ public string OptimisticResult(OptimisticContext context) => \"\"; }";

    public static TheoryData<string, string, string> Sources { get; } = new()
    {
        { "PH0001", "implements no IJob", "[Job(\"a.b\")] public record A(int X);" },
        { "PH0001", "more than one", $$"""[Job("a.b")] public record A(int X) : IJob<string>, IJob<int> { public string OptimisticResult(OptimisticContext c) => ""; int IJob<int>.OptimisticResult(OptimisticContext c) => 0; }""" },
        { "PH0002", "'A' implements IJob", $"public record A(int X) : IJob<string> {Body}" },
        { "PH0003", "also declared by 'B'", $"[Job(\"a.b\")] public record A(int X) : IJob<string> {Body} [Job(\"a.b\")] public record B(int X) : IJob<string> {Body}" },
        { "PH0004", "\"Chat Send\"", $"[Job(\"Chat Send\")] public record A(int X) : IJob<string> {Body}" },
        { "PH0004", "\"a.\"", $"[Job(\"a.\")] public record A(int X) : IJob<string> {Body}" },
        { "PH0005", "'H' and 'I'", $"[Job(\"a.b\")] public record A(int X) : IJob<string> {Body} {Handler("H", "string")} {Handler("I", "string")}" },
        { "PH0006", "but the job declares 'string'", $"[Job(\"a.b\")] public record A(int X) : IJob<string> {Body} {Handler("H", "IEnumerable<char>")}" },
        { "PH0009", "Action", Member("Action Do") },
        { "PH0009", "use JobFile", Member("FileStream Source") },
        { "PH0009", "CancellationToken", Member("CancellationToken Stop") },
        { "PH0009", "work in progress", Member("Task<int> Work") },
        { "PH0009", "name a type", Member("object Any") },
        { "PH0009", "restart", Member("nint Handle") },
        { "PH0009", "constructor", Member("IServiceProvider Services") },
        { "PH0009", "constructor", Member("System.Net.Http.HttpClient Client") },
        { "PH0009", "B.Do", Member("IReadOnlyList<B> Nested") + " public record B(Action Do);" },
        { "PH0009", "memory", $"[Job(\"a.b\")] public unsafe record A : IJob<string> {{ public int* P {{ get; init; }} public string OptimisticResult(OptimisticContext context) => \"\"; }}" },
        { "PH0009", "The job", "[Job(\"a.b\")] public record A(int X) : IJob<Stream> { public Stream OptimisticResult(OptimisticContext context) => Stream.Null; }" },
        { "PH0009", "fields are not written", Member("(int, string) Pair") },
        { "PH0009", "fields are not written", Member("B Nested") + " public class B { public int X; }" },
        { "PH0009", "[JsonConstructor]", Member("B Nested") + " public class B { public B(int x) => X = x; public B(string y) => X = 1; public int X { get; } }" },
        { "PH0010", "A.PhotoPath", Member("string PhotoPath") },
        { "PH0010", "A.LogFile", Member("string? LogFile") },
        { "PH0011", "no property 'Room'", Key("chat/{Room}") },
        { "PH0011", "may be null", Key("chat/{Maybe}") },
        { "PH0011", "no single text", Key("chat/{Price}") },
        { "PH0011", "no single text", Key("chat/{Letter}") },
        { "PH0011", "two pairs of values", Key("{Name}-{Id}") },
        { "PH0011", "not closed", Key("chat/{Name") },
        { "PH0011", "'}' is not taken", Key("chat/Name}") },
        { "PH0011", "'%' is not taken", Key("chat%2F{Name}") },
        { "PH0011", "empty", Key("") },
        { "PH0013", "version 1 cannot be read", Version(3, "[Upcast(2)] public static A Two(Old o) => new(0);") },
        { "PH0013", "no static method", Version(2, "[Upcast(1)] public A One(Old o) => this;") },
        { "PH0013", "neither 'A' nor", Version(2, "[Upcast(1)] public static Old One(Old o) => o;") },
        { "PH0013", "make it internal", Version(2, "[Upcast(1)] private static A One(Old o) => new(0);") },
        { "PH0013", "versions before 2", Version(2, "[Upcast(1)] public static A One(Old o) => new(0); [Upcast(2)] public static A Two(Old o) => new(0);") },
        { "PH0013", "two methods", Version(2, "[Upcast(1)] public static A One(Old o) => new(0); [Upcast(1)] public static A Uno(Old o) => new(0);") },
        { "PH0014", "init-only", "[Job(\"a.b\")] public record A : IJob<string> { public int X { get; set; } public string OptimisticResult(OptimisticContext context) => \"\"; }" },
        { "PH0014", "DateTimeOffset", Member("DateTime? At") },
        { "PH0014", "IReadOnly", Member("List<int> Numbers") },
        { "PH0014", "array", Member("int[] Numbers") },
        { "PH0015", "A.AccessToken", Member("string AccessToken") },
        { "PH0015", "A.ApiKey", Member("string ApiKey") },
        { "PH0017", "generic", $"[Job(\"a.b\")] public record A<T>(int X) : IJob<string> {Body}" },
        { "PH0017", "nested", $"public class Outer {{ [Job(\"a.b\")] private record A(int X) : IJob<string> {Body} }}" },
        { "PH0017", "file-local", $"[Job(\"a.b\")] file record A(int X) : IJob<string> {Body}" },
        { "PH0018", "Version of", Attribute("Version = 0") },
        { "PH0018", "from 1 to 1000", Attribute("Version = 2000000000") },
        { "PH0018", "MaxAttempts of", Attribute("MaxAttempts = 0") },
        { "PH0018", "MaxLost of", Attribute("MaxLost = 0") },
        { "PH0018", "no positive time span", Attribute("ExpiresAfter = \"P7D\"") },
        { "PH0018", "IdPrefix of", Attribute("IdPrefix = \"a b\"") },
        { "PH0018", "9 is none", Attribute("WhenDead = (WhenDead)9") },
        { "PH0019", "collection", Member("IReadOnlyList<JobFile> Photos") },
        { "PH0019", "deeper", Member("B Nested") + " public record B(C Deeper); public record C(JobFile? File);" },
        { "PH0019", "record", "[Job(\"a.b\")] public class A : IJob<string> { public JobFile? F { get; init; } public string OptimisticResult(OptimisticContext context) => \"\"; }" },
        { "PH0019", "init", Member("int X").Replace("{ public", "{ public JobFile? F => null; public", StringComparison.Ordinal) },
    };

    private static string Handler(string name, string result) =>
        $"public class {name} : IJobHandler<A, {result}> {{ public Task<Outcome<{result}>> HandleAsync(A job, JobContext c, CancellationToken t) => throw new NotSupportedException(); }}";

    private static string Member(string parameter) => $"[Job(\"a.b\")] public record A({parameter}) : IJob<string> {Body}";

    private static string Key(string template) =>
        $"[Job(\"a.b\", Lane = \"{template}\")] public record A(string Name, int Id, string? Maybe, decimal Price, char Letter) : IJob<string> {Body}";

    private static string Attribute(string value) => $"[Job(\"a.b\", {value})] public record A(int X) : IJob<string> {Body}";

    private static string Version(int version, string upcasts) =>
        $"[Job(\"a.b\", Version = {version})] public record A(int X) : IJob<string> {{ {upcasts} public string OptimisticResult(OptimisticContext c) => \"\"; }} public record Old(int Y);";

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_mistake_is_reported_once_where_it_stands(string id, string message, string source)
    {
        // Handlers of another result are the compiler's affair too; everything else is code that compiles.
        var found = Compiled.Of(source).Mistakes();
        found.Select(d => d.Id).Distinct().ShouldBe([id]);
        found.ShouldContain(d => d.GetMessage(null).Contains(message, StringComparison.Ordinal));
        found.ShouldAllBe(d => d.Location.IsInSource && d.Location.GetLineSpan().Path == "File0.cs");
    }

    [Fact]
    public void A_good_job_has_no_mistakes_and_one_without_handler_a_remark()
    {
        var compiled = Compiled.Of(Member("string Text, JobFile? Photo, byte[] Small, DateTimeOffset At, IReadOnlyDictionary<string, int> Counts"));
        compiled.Mistakes().ShouldBeEmpty();
        compiled.Mistakes(info: true).ShouldHaveSingleItem().Id.ShouldBe("PH0007");
        Compiled.Of(Member("int X") + Handler("H", "string")).Mistakes(info: true).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("PublishAot")]
    [InlineData("PublishTrimmed")]
    [InlineData("IsAotCompatible")]
    [InlineData("IsTrimmable")]
    public void Without_reflection_a_type_that_no_context_lists_is_an_error_with_the_line_to_write(string property)
    {
        var mistakes = Compiled.Of(Member("int X") + " [JsonSerializable(typeof(string))] public abstract class MyJson() : JsonSerializerContext(null);")
            .Mistakes(properties: [property]);
        mistakes.ShouldHaveSingleItem().GetMessage(null).ShouldEndWith("add [JsonSerializable(typeof(A))] to 'MyJson'");
        Compiled.Of(Member("int X")).Mistakes().ShouldBeEmpty();
    }

    [Fact]
    public void A_name_of_a_referenced_assembly_is_taken()
    {
        var library = Compiled.Of(Member("int X")).Emitted().Output.WithAssemblyName("Library");
        var image = new MemoryStream();
        library.Emit(image).Success.ShouldBeTrue();
        var app = Compiled.Of(Member("int X").Replace(" A(", " B(", StringComparison.Ordinal));
        app = new Compiled(app.Input.AddReferences(MetadataReference.CreateFromImage(image.ToArray())));
        app.Mistakes().ShouldHaveSingleItem().GetMessage(null).ShouldContain("\"a.b\" is also declared by the assembly 'Library'");
    }

    [Fact]
    public void A_warning_can_be_silenced_where_it_stands() =>
        Compiled.Of("#pragma warning disable PH0015\n" + Member("string Token")).Mistakes().ShouldBeEmpty();

    [Theory]
    [InlineData("void M(Posthouse.Demo.Queue q) { q.EnqueueAsync(1); }", 1)]
    [InlineData("async Task M(Posthouse.Demo.Queue q) { await q.EnqueueAsync(1); }", 0)]
    [InlineData("void M(Posthouse.Demo.Queue q) { _ = q.EnqueueAsync(1); }", 0)]
    [InlineData("void M(Queue<int> q) { q.Enqueue(1); }", 0)]
    public async Task An_enqueue_that_is_dropped_is_a_warning(string method, int warnings)
    {
        var compiled = Compiled.Of($"class C {{ {method} }}", "namespace Posthouse.Demo { public class Queue { public Task<int> EnqueueAsync(int job) => Task.FromResult(job); } }");
        var found = await compiled.Input.WithAnalyzers([new EnqueueAwaited()]).GetAnalyzerDiagnosticsAsync();
        found.Length.ShouldBe(warnings);
        found.ShouldAllBe(d => d.Id == "PH0016" && d.GetMessage(null).Contains("EnqueueAsync"));
    }
}
