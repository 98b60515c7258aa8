using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Posthouse.Generator.Checking;
using Posthouse.Generator.Model;
using Posthouse.Generator.Reading;
using Posthouse.Generator.Writing;

namespace Posthouse.Generator;

/// <summary>
/// Finds the [Job] records of an assembly and emits what registers them. Readers turn symbols into plain models, the check and
/// the writers see only models; every step has a name, so that a test can count which ones ran again.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class JobGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var readings = context.SyntaxProvider.ForAttributeWithMetadataName(
                Names.JobAttribute,
                static (node, _) => node is TypeDeclarationSyntax,
                static (c, _) => JobReader.Read((INamedTypeSymbol)c.TargetSymbol, c.Attributes[0]))
            .WithTrackingName(Steps.Readings).Collected(Steps.AllReadings);
        var types = context.SyntaxProvider.CreateSyntaxProvider(
                static (node, _) => node is TypeDeclarationSyntax { BaseList: not null },
                static (c, stop) => c.SemanticModel.GetDeclaredSymbol(c.Node, stop) is INamedTypeSymbol type ? SurroundingsReader.Type(type) : null)
            .Where(static t => t is { Handlers.Count: > 0 } or { Mistake: not null }).Select(static (t, _) => t!)
            .WithTrackingName(Steps.Types).Collected(Steps.AllTypes);
        var facts = context.AnalyzerConfigOptionsProvider.Select(static (o, _) => SurroundingsReader.Facts(o.GlobalOptions)).WithTrackingName(Steps.Facts);
        var sources = context.SyntaxProvider.ForAttributeWithMetadataName(
                Names.Serializable,
                static (node, _) => node is ClassDeclarationSyntax,
                static (c, _) => SurroundingsReader.Context((INamedTypeSymbol)c.TargetSymbol, c.Attributes))
            .Where(static c => c is not null).Select(static (c, _) => c!)
            .WithTrackingName(Steps.Contexts).Collected(Steps.AllContexts)
            .Combine(facts).Select(static (x, _) => new TypeInfoSources(x.Left, x.Right.Reflection)).WithTrackingName(Steps.Sources);
        var baseline = context.AdditionalTextsProvider
            .Where(static f => Path.GetFileName(f.Path) is Names.BaselineFile)
            .Select(static (f, stop) => SurroundingsReader.Baseline(Names.BaselineFile, f.GetText(stop)?.ToString() ?? ""))
            .Collect().Select(static (all, _) => all.IsEmpty ? null : all[0]).WithTrackingName(Steps.Baseline);
        Report(context, readings, types, facts, sources, baseline);
        Emit(context, readings, types, facts, sources, baseline);
    }

    private static void Report(
        IncrementalGeneratorInitializationContext context,
        IncrementalValueProvider<EquatableArray<JobReading>> readings,
        IncrementalValueProvider<EquatableArray<TypeReading>> types,
        IncrementalValueProvider<BuildFacts> facts,
        IncrementalValueProvider<TypeInfoSources> sources,
        IncrementalValueProvider<Baseline?> baseline)
    {
        var referenced = context.CompilationProvider.Select(static (c, _) => SurroundingsReader.ReferencedNames(c)).WithTrackingName(Steps.Referenced);
        var mistakes = readings.Combine(types).Combine(facts).Combine(sources).Combine(baseline).Combine(referenced)
            .Select(static (x, _) =>
            {
                var (((((jobs, declared), build), infos), accepted), names) = x;
                var check = new CatalogCheck(jobs, [.. declared.SelectMany(t => t.Handlers).Distinct()], names, accepted, infos, build);
                return declared.Select(t => t.Mistake).OfType<Mistake>().Distinct().Concat(check.Mistakes()).ToEquatable();
            })
            .WithTrackingName(Steps.Mistakes);
        // The compilation joins last: it is new after every edit, and needed only to find the trees of what is reported.
        context.RegisterSourceOutput(mistakes.Combine(context.CompilationProvider), static (production, x) =>
        {
            foreach (var mistake in x.Left)
            {
                production.ReportDiagnostic(mistake.ToDiagnostic(file => x.Right.SyntaxTrees.FirstOrDefault(t => t.FilePath == file)));
            }
        });
    }

    private static void Emit(
        IncrementalGeneratorInitializationContext context,
        IncrementalValueProvider<EquatableArray<JobReading>> readings,
        IncrementalValueProvider<EquatableArray<TypeReading>> types,
        IncrementalValueProvider<BuildFacts> facts,
        IncrementalValueProvider<TypeInfoSources> sources,
        IncrementalValueProvider<Baseline?> baseline)
    {
        var models = readings
            .Select(static (all, _) => all.Select(r => r.Model).OfType<JobModel>().GroupBy(m => m.Name).Select(g => g.First())
                .OrderBy(m => m.Name, StringComparer.Ordinal).ToEquatable())
            .WithTrackingName(Steps.Models);
        var handlers = types.Select(static (all, _) => all.SelectMany(t => t.Handlers).Where(h => h.CanBeNamed)
                .Select(h => new HandlerText(h.Handler, h.Job, h.Result)).Distinct().ToEquatable())
            .WithTrackingName(Steps.Handlers);
        var assembly = context.CompilationProvider.Select(static (c, _) => c.AssemblyName ?? "").WithTrackingName(Steps.Assembly);
        var catalog = models.Combine(handlers).Combine(sources).Combine(assembly)
            .Combine(readings.Select(static (all, _) => all.Count > 0))
            .Select(static (x, _) =>
            {
                var ((((jobs, registered), infos), name), isNeeded) = x;
                return Catalog(jobs, registered, infos, name, isNeeded);
            })
            .WithTrackingName(Steps.Catalog);
        context.RegisterSourceOutput(catalog, static (production, c) =>
        {
            if (c.IsNeeded)
            {
                production.AddSource("Jobs.g.cs", SourceText.From(CatalogWriter.Write(c), Encoding.UTF8));
            }
        });
        context.RegisterSourceOutput(models.Combine(facts).Combine(baseline), static (production, x) =>
        {
            if (x.Left.Right.Accepting)
            {
                var json = BaselineWriter.Write(x.Left.Left, x.Right);
                production.AddSource("JobShapes.g.cs", SourceText.From(BaselineWriter.AsComment(json), Encoding.UTF8));
            }
        });
    }

    /// <summary>Leaves out jobs whose type info is missing, and handlers of jobs of another assembly: both are reported or registered elsewhere.</summary>
    private static Catalog Catalog(EquatableArray<JobModel> jobs, EquatableArray<HandlerText> handlers, TypeInfoSources sources, string assembly, bool isNeeded)
    {
        var whole = jobs.Where(j => TypeInfoSources.TypesOf(j).All(t => sources.Has(t.Plain))).ToEquatable();
        var own = handlers.Where(h => whole.Any(j => j.Job.Plain == h.Job && j.Result.Plain == h.Result))
            .GroupBy(h => h.Job).Select(g => g.First()).OrderBy(h => h.Job, StringComparer.Ordinal);
        return new Catalog(assembly, isNeeded, whole, own.ToEquatable(), sources);
    }
}
