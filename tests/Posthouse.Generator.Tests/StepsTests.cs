using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Posthouse.Generator.Tests;

public sealed class StepsTests
{
    private const string Jobs = """
        [Job("a.b", Version = 2, Lane = "x/{X}")]
        public record A(int X, string Token, JobFile? F) : IJob<string>
        {
            public string OptimisticResult(OptimisticContext context) => "";
            [Upcast(1)] public static A One(Old o) => new(o.X, "", null);
        }
        public record Old(int X);
        public class H : IJobHandler<A, string> { public Task<Outcome<string>> HandleAsync(A job, JobContext c, CancellationToken t) => throw new NotSupportedException(); }
        [JsonSerializable(typeof(A)), JsonSerializable(typeof(Old)), JsonSerializable(typeof(string))]
        public abstract class MyJson() : JsonSerializerContext(null);
        """;

    private const string Baseline = """{ "jobs": [ { "name": "a.b", "version": 1, "shape": "00" } ] }""";

    [Fact]
    public void After_an_unrelated_edit_every_step_is_cached()
    {
        var first = Compiled.Of(Jobs, "class Other { }").Input;
        var driver = Compiled.Driver(Baseline, "PublishAot").RunGenerators(first);
        var second = first.ReplaceSyntaxTree(first.SyntaxTrees[^1], Compiled.Tree("File1.cs", "class Other { int _x; }"));
        var steps = driver.RunGenerators(second).GetRunResult().Results[0].TrackedSteps;
        steps.Keys.Intersect(Steps.All).ShouldBe(Steps.All, ignoreOrder: true);
        foreach (var step in Steps.All)
        {
            steps[step].SelectMany(s => s.Outputs).Select(o => o.Reason)
                .ShouldAllBe(r => r == IncrementalStepRunReason.Cached || r == IncrementalStepRunReason.Unchanged, step);
        }
    }

    [Fact]
    public void A_line_inserted_above_the_jobs_writes_nothing_anew()
    {
        var first = Compiled.Of(Jobs).Input;
        var driver = Compiled.Driver().RunGenerators(first);
        var second = first.ReplaceSyntaxTree(first.SyntaxTrees[^1], Compiled.Tree("File0.cs", "// moved\n" + Jobs));
        var steps = driver.RunGenerators(second).GetRunResult().Results[0].TrackedSteps;
        steps[Steps.Readings].SelectMany(s => s.Outputs).ShouldContain(o => o.Reason == IncrementalStepRunReason.Modified);
        steps[Steps.Catalog].SelectMany(s => s.Outputs).ShouldAllBe(o => o.Reason == IncrementalStepRunReason.Cached || o.Reason == IncrementalStepRunReason.Unchanged);
    }

    [Fact]
    public void A_changed_job_is_written_anew()
    {
        var first = Compiled.Of(Jobs).Input;
        var driver = Compiled.Driver().RunGenerators(first);
        var second = first.ReplaceSyntaxTree(first.SyntaxTrees[^1], Compiled.Tree("File0.cs", Jobs.Replace("x/{X}", "y/{X}", StringComparison.Ordinal)));
        var steps = driver.RunGenerators(second).GetRunResult().Results[0].TrackedSteps;
        steps[Steps.Catalog].SelectMany(s => s.Outputs).ShouldContain(o => o.Reason == IncrementalStepRunReason.Modified);
    }

    [Fact]
    public void No_step_holds_a_symbol_a_tree_or_a_compilation()
    {
        var compiled = Compiled.Of(Jobs);
        var steps = Compiled.Driver(Baseline, "PublishAot").RunGenerators(compiled.Input).GetRunResult().Results[0].TrackedSteps;
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var value in Steps.All.SelectMany(name => steps[name]).SelectMany(s => s.Outputs).Select(o => o.Value))
        {
            Walk(value, seen);
        }

        seen.OfType<Posthouse.Generator.Model.JobModel>().ShouldNotBeEmpty();
    }

    private static void Walk(object? value, HashSet<object> seen)
    {
        if (value is null or string || value.GetType().IsPrimitive || !seen.Add(value))
        {
            return;
        }

        (value is ISymbol or SyntaxNode or SyntaxTree or Compilation or SemanticModel or Location or Diagnostic).ShouldBeFalse(value.GetType().ToString());
        foreach (var item in value as IEnumerable ?? Array.Empty<object>())
        {
            Walk(item, seen);
        }

        for (var type = value.GetType(); type is not null && !type.FullName!.StartsWith("System.", StringComparison.Ordinal); type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                Walk(field.GetValue(value), seen);
            }
        }
    }
}
