using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Posthouse.Generator.Tests;

/// <summary>Source text as a compilation, and the generator run over it.</summary>
internal sealed record Compiled(CSharpCompilation Input)
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Threading;
        global using System.Threading.Tasks; global using System.Text.Json.Serialization; global using Posthouse.Jobs; global using Posthouse.Files;
        """;

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Preview);

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => !Path.GetFileName(p).StartsWith("Posthouse.Generator", StringComparison.Ordinal))
            .Select(p => MetadataReference.CreateFromFile(p)),
    ];

    public static Compiled Of(params string[] sources) => new(CSharpCompilation.Create(
        "Chat.App",
        [Tree("Usings.cs", Usings), .. sources.Select((s, i) => Tree($"File{i}.cs", s))],
        References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true)));

    public static SyntaxTree Tree(string file, string source) => CSharpSyntaxTree.ParseText(source, Language, file);

    public static GeneratorDriver Driver(string? baseline = null, params string[] properties) => CSharpGeneratorDriver.Create(
        [new JobGenerator().AsSourceGenerator()],
        baseline is null ? [] : [new Text("/app/posthouse.jobs.json", baseline)],
        Language,
        new Properties(properties),
        new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>The generator's diagnostics, after #pragma; those of level info only when asked for.</summary>
    public ImmutableArray<Diagnostic> Mistakes(string? baseline = null, string[]? properties = null, bool info = false)
    {
        Driver(baseline, properties ?? []).RunGeneratorsAndUpdateCompilation(Input, out _, out var found);
        return [.. found.Where(d => !d.IsSuppressed).Where(d => info || d.Severity > DiagnosticSeverity.Info)];
    }

    /// <summary>The generated file, and the compilation with it, which has to be free of errors and warnings.</summary>
    public (string Source, Compilation Output) Emitted(string? baseline = null, params string[] properties)
    {
        var result = Driver(baseline, properties).RunGeneratorsAndUpdateCompilation(Input, out var output, out _).GetRunResult();
        output.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).ShouldBeEmpty();
        return (result.GeneratedTrees[^1].ToString(), output);
    }

    private sealed class Text(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }

    /// <summary>Properties that the package's props make visible, all true.</summary>
    private sealed class Properties(string[] names) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new On(names);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class On(string[] names) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, out string value)
            {
                value = "true";
                return names.Any(n => key == "build_property." + n);
            }
        }
    }
}
