using System.Runtime.Loader;
using Microsoft.CodeAnalysis.CSharp;
using Posthouse.Jobs;

namespace Posthouse.Generator.Tests;

/// <summary>The generated source as text: a change of it is a change that a reviewer sees.</summary>
public sealed class ApprovedSourceTests
{
    private const string Source = """
        namespace Chat;

        [Job("chat.send", Version = 2, Lane = "chat/{Conversation}", DeduplicationKey = "{Conversation}:{Number}", ExpiresAfter = "01:00:00", IdPrefix = "msg", MaxLost = 7)]
        public sealed record Send(string Conversation, int Number, JobFile? Photo, Cover? Cover) : IJob<string?>
        {
            public string? OptimisticResult(OptimisticContext context) => null;

            [Upcast(1)]
            public static Send FromV1(SendV1 old) => new(old.Conversation, 0, null, null);
        }

        public sealed record SendV1(string Conversation);

        public sealed record Cover(JobFile File);

        [Job("chat.typing", WhenDead = WhenDead.Skip, OnDuplicate = OnDuplicate.ReplacePending)]
        internal readonly record struct Typing(int @event) : IJob<Nothing>
        {
            public Nothing OptimisticResult(OptimisticContext context) => default;
        }

        internal sealed class SendHandler : IJobHandler<Send, string?>
        {
            public Task<Outcome<string?>> HandleAsync(Send job, JobContext context, CancellationToken cancellationToken) => throw new NotSupportedException();
        }
        """;

    [Fact]
    public void The_generated_source_is_the_approved_one()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Approved", "Jobs.approved.txt");
        var source = Compiled.Of(Source).Emitted().Source;
        var approved = File.Exists(file) ? File.ReadAllText(file) : "";
        if (source != approved)
        {
            File.WriteAllText(file.Replace(".approved.", ".received.", StringComparison.Ordinal), source);
        }

        source.ShouldBe(approved, "compare Jobs.received.txt beside the approved file, and copy it over if the change is meant");
    }

    [Fact]
    public void The_generated_assembly_loads_and_registers_its_jobs()
    {
        var image = new MemoryStream();
        Compiled.Of(Source).Emitted().Output.Emit(image).Success.ShouldBeTrue();
        image.Position = 0;
        var assembly = new AssemblyLoadContext(null, isCollectible: true).LoadFromStream(image);
        var add = assembly.GetType("Posthouse.ChatAppJobs", throwOnError: true)!.GetMethod("AddChatAppJobs", [typeof(JobRegistry)])!;
        var registry = (JobRegistry)add.Invoke(null, [new JobRegistry()])!;
        registry.All.Select(d => (d.Name, d.Version, d.IdPrefix)).ShouldBe([("chat.send", 2, "msg"), ("chat.typing", 1, "typing")]);
        registry.TryRestore("chat.send", 1, """{"conversation":"a/b"}"""u8, out var job).ShouldBeTrue();
        registry.Of(job!).Lane(job!).ShouldBe("chat/a%2Fb");
    }

    [Theory]
    [InlineData("Chat.App", "ChatApp")]
    [InlineData("2-step app", "_2stepapp")]
    [InlineData("...", "_")]
    public void An_assembly_name_becomes_an_identifier(string assembly, string identifier) =>
        Posthouse.Generator.Writing.CatalogWriter.Identifier(assembly).ShouldBe(identifier);

    [Fact]
    public void An_assembly_without_jobs_gets_no_source()
    {
        var compiled = Compiled.Of("public record Plain(int X);");
        Compiled.Driver().RunGeneratorsAndUpdateCompilation(compiled.Input, out var output, out _);
        output.SyntaxTrees.Count().ShouldBe(compiled.Input.SyntaxTrees.Length);
    }
}
