using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Posthouse.Generator.Model;

namespace Posthouse.Generator.Reading;

/// <summary>Reads what stands around the jobs: handlers, contexts, referenced assemblies, the baseline and the build's properties.</summary>
internal static class SurroundingsReader
{
    // Our own output, or something a person merged by hand in the same form.
    private static readonly Regex Shape = new(
        """\{\s*"name"\s*:\s*"(?<name>[a-z0-9.-]+)"\s*,\s*"version"\s*:\s*(?<version>[0-9]{1,9})\s*,\s*"shape"\s*:\s*"(?<hash>[0-9a-f]+)"\s*\}""",
        RegexOptions.CultureInvariant);

    private static readonly Regex Frame = new("""^\s*\{\s*"jobs"\s*:\s*\[[\s,]*\]\s*\}\s*$""", RegexOptions.CultureInvariant);

    public static TypeReading Type(INamedTypeSymbol type)
    {
        var handlers = type is { TypeKind: TypeKind.Class, IsAbstract: false }
            ? type.AllInterfaces.Where(i => i.Is(Names.JobHandler)).Select(i => new HandlerModel(
                type.Plain(), i.TypeArguments[0].Plain(), i.TypeArguments[1].Plain(), type.WhyUnnamed() is null, Place.Of(type)))
            : [];
        var unmarked = !type.IsAbstract && type.TypeKind is TypeKind.Class or TypeKind.Struct
            && type.JobInterfaces().Any() && type.Attribute(Names.JobAttribute) is null;
        return new TypeReading(handlers.ToEquatable(), unmarked ? Mistake.Of(Mistakes.NoAttribute, Place.Of(type), type.Name) : null);
    }

    /// <summary>
    /// A context that generated code can make and that describes types as the pinned options want them; null: it is none. Of a
    /// context's own options all give way to the pinned ones but one: UseStringEnumConverter is compiled into its type info.
    /// </summary>
    public static ContextModel? Context(INamedTypeSymbol context, ImmutableArray<AttributeData> attributes)
    {
        var unfit = context.GetAttributes().Any(a => a.AttributeClass?.Name is "JsonSourceGenerationOptionsAttribute"
            && (WritesOnly(a) || a.NamedArguments.Any(o => o.Key is "UseStringEnumConverter" && o.Value.Value is true)));
        return unfit || context.WhyUnnamed() is not null ? null : new ContextModel(context.Plain(), attributes
            .Where(a => !WritesOnly(a))
            .Select(a => a.ConstructorArguments is [{ Value: ITypeSymbol type }] ? type.Plain() : "")
            .OrderBy(t => t, StringComparer.Ordinal).ToEquatable());
    }

    /// <summary>Job names of assemblies that refer to the core; others cannot have any.</summary>
    public static EquatableArray<ReferencedName> ReferencedNames(Compilation compilation) => compilation.SourceModule.ReferencedAssemblySymbols
        .Where(a => a.Modules.Any(m => m.ReferencedAssemblies.Any(r => r.Name is "Posthouse")))
        .SelectMany(a => a.GetAttributes().Where(x => x.AttributeClass.Is(Names.DeclaredJobAttribute)).Select(x => (a.Name, x.ConstructorArguments)))
        .Select(x => x.ConstructorArguments is [{ Value: string name }] ? new ReferencedName(name, x.Name) : null)
        .OfType<ReferencedName>()
        .ToEquatable();

    public static BuildFacts Facts(AnalyzerConfigOptions options)
    {
        bool IsOn(string property) => options.TryGetValue("build_property." + property, out var value)
            && value.Equals("true", StringComparison.OrdinalIgnoreCase);
        var trimmed = IsOn("PublishAot") || IsOn("PublishTrimmed") || IsOn("IsAotCompatible") || IsOn("IsTrimmable");
        return new BuildFacts(Reflection: !trimmed, Accepting: IsOn("PosthouseAcceptJobShapes"));
    }

    public static Baseline Baseline(string file, string text)
    {
        var shapes = Shape.Matches(text).Cast<Match>()
            .Select(m => new AcceptedShape(m.Groups["name"].Value, int.Parse(m.Groups["version"].Value), m.Groups["hash"].Value));
        return new Baseline(Frame.IsMatch(Shape.Replace(text, "")) ? shapes.ToEquatable() : null, file);
    }

    /// <summary>JsonSourceGenerationMode.Serialization is 2: the context can write the type but describes it to nobody.</summary>
    private static bool WritesOnly(AttributeData attribute) =>
        attribute.NamedArguments.Any(a => a.Key is "GenerationMode" && a.Value.Value is 2);
}
