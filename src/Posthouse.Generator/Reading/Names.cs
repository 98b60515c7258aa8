using Microsoft.CodeAnalysis;
using Posthouse.Generator.Model;

namespace Posthouse.Generator.Reading;

/// <summary>The types of the core that the generator knows, by name: it does not refer to the core.</summary>
internal static class Names
{
    public const string JobAttribute = "Posthouse.Jobs.JobAttribute";
    public const string UpcastAttribute = "Posthouse.Jobs.UpcastAttribute";
    public const string DeclaredJobAttribute = "Posthouse.Jobs.DeclaredJobAttribute";
    public const string Job = "Posthouse.Jobs.IJob<TResult>";
    public const string JobHandler = "Posthouse.Jobs.IJobHandler<TJob, TResult>";
    public const string JobId = "Posthouse.Jobs.JobId";
    public const string JobFile = "Posthouse.Files.JobFile";
    public const string Nothing = "global::Posthouse.Jobs.Nothing";
    public const string Serializable = "System.Text.Json.Serialization.JsonSerializableAttribute";
    public const string JsonAttributes = "System.Text.Json.Serialization.";
    public const string BaselineFile = "posthouse.jobs.json";

    private static readonly SymbolDisplayFormat Annotated = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>Namespace and name, without <c>global::</c> and with the names of type parameters.</summary>
    private static readonly SymbolDisplayFormat Bare = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters);

    public static string Plain(this ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    public static TypeText Text(this ITypeSymbol type) =>
        new(type.Plain(), type.ToDisplayString(Annotated));

    /// <summary>As people write it in a message.</summary>
    public static string Said(this ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);

    public static bool Is(this ITypeSymbol? type, string bareName) => type?.OriginalDefinition.ToDisplayString(Bare) == bareName;

    public static string Bared(this ITypeSymbol type) => type.OriginalDefinition.ToDisplayString(Bare);

    public static AttributeData? Attribute(this ISymbol symbol, string bareName) =>
        symbol.GetAttributes().FirstOrDefault(a => a.AttributeClass.Is(bareName));

    public static IEnumerable<INamedTypeSymbol> JobInterfaces(this ITypeSymbol type) => type.AllInterfaces.Where(i => i.Is(Job));

    /// <summary>The type and its bases, the most derived first, without object and ValueType.</summary>
    public static IEnumerable<INamedTypeSymbol> WithBases(this ITypeSymbol type)
    {
        for (var t = type as INamedTypeSymbol; t is not null && t.SpecialType is SpecialType.None; t = t.BaseType)
        {
            yield return t;
        }
    }

    /// <summary>Whether code elsewhere in the same assembly can write this type's name; says why not.</summary>
    public static string? WhyUnnamed(this INamedTypeSymbol type)
    {
        if (type.IsFileLocal)
        {
            return "file-local";
        }

        for (var t = type; t is not null; t = t.ContainingType)
        {
            if (t.IsGenericType)
            {
                return "generic";
            }

            if (t.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal)
            {
                return "nested where only its container sees it";
            }
        }

        return null;
    }

    /// <summary>A member's name as code: keywords get their at-sign.</summary>
    public static string Escaped(string name) =>
        Microsoft.CodeAnalysis.CSharp.SyntaxFacts.GetKeywordKind(name) is Microsoft.CodeAnalysis.CSharp.SyntaxKind.None ? name : "@" + name;
}
