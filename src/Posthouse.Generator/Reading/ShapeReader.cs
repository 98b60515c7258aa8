using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;
using Posthouse.Generator.Model;

namespace Posthouse.Generator.Reading;

/// <summary>
/// Walks a record as the JSON serializer would, once, and brings back three things: the shape as text (JSON names, kinds,
/// nullability, nested types and enums, but no CLR names, so that types may be renamed), the mistakes on the way, and the files.
/// </summary>
internal sealed class ShapeReader(Place? fallback)
{
    /// <summary>Characters of a hash: 64 bits are plenty to notice a change.</summary>
    private const int HashLength = 16;

    private readonly List<Mistake> _mistakes = [];
    private readonly List<FileModel> _files = [];
    private readonly List<INamedTypeSymbol> _open = [];
    private readonly List<IPropertySymbol> _path = [];
    private int _collections;

    /// <summary>Mistakes in the order they were met, each once.</summary>
    public IEnumerable<Mistake> Mistakes => _mistakes.Distinct();

    public IReadOnlyList<FileModel> Files => _files;

    /// <summary>The hash of a record's shape.</summary>
    public string Hash(ITypeSymbol type)
    {
        using var sha = SHA256.Create();
        var bytes = sha.ComputeHash(Encoding.UTF8.GetBytes(Shape(type, holder: null)));
        return string.Concat(bytes.Select(b => b.ToString("x2"))).Substring(0, HashLength);
    }

    /// <summary>The shape of a type, nullability included.</summary>
    public string Shape(ITypeSymbol type, ISymbol? holder)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var inner] })
        {
            return Bare(inner, holder) + "?";
        }

        return Bare(type, holder) + (type.NullableAnnotation is NullableAnnotation.Annotated ? "?" : "");
    }

    private string Bare(ITypeSymbol type, ISymbol? holder)
    {
        if (Kinds.OfValue(type) is { } kind)
        {
            if (kind is "file")
            {
                MeetFile();
            }

            return kind;
        }

        var converter = Converter(holder) ?? Converter(type);
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Enum } enumeration)
        {
            return Kinds.OfEnum(enumeration, byName: converter?.Name is "JsonStringEnumConverter");
        }

        if (converter is not null)
        {
            return "custom";
        }

        if (MemberLaw.WhyNotStored(type) is { } why)
        {
            Report(Generator.Mistakes.CannotBeStored, holder, Said(holder), type.Said(), why);
            return "none";
        }

        var items = Kinds.Items(type);
        if (items.Length > 0)
        {
            _collections++;
            var shapes = items.Select(i => Shape(i, holder)).ToList();
            _collections--;
            return (items.Length is 1 ? "list(" : "map(") + string.Join(",", shapes) + ")";
        }

        return type is INamedTypeSymbol record ? Record(record, holder) : "none";
    }

    private string Record(INamedTypeSymbol type, ISymbol? holder)
    {
        if (MemberLaw.WhyNotRestored(type) is { } why)
        {
            Report(Generator.Mistakes.CannotBeStored, holder, Said(holder), type.Said(), why);
        }

        var standing = _open.FindIndex(t => SymbolEqualityComparer.Default.Equals(t, type));
        if (standing >= 0)
        {
            return "#" + standing;
        }

        _open.Add(type);
        var members = Members(type).Select(p => JsonName(p) + ":" + Property(p)).OrderBy(m => m, StringComparer.Ordinal).ToList();
        var kin = Derived(type).ToList();
        _open.RemoveAt(_open.Count - 1);
        return "{" + string.Join(",", members) + "}" + string.Concat(kin);
    }

    private string Property(IPropertySymbol property)
    {
        if (property.Locations.Any(l => l.IsInSource))
        {
            Look(property);
        }

        _path.Add(property);
        var shape = Shape(property.Type, property);
        _path.RemoveAt(_path.Count - 1);
        return shape;
    }

    private void Look(IPropertySymbol property)
    {
        if (MemberLaw.IsPathAsText(property))
        {
            Report(Generator.Mistakes.PathAsText, property, Said(property));
        }

        if (MemberLaw.WhyMutable(property) is { } why)
        {
            Report(Generator.Mistakes.MayChange, property, Said(property), why);
        }

        if (MemberLaw.LooksSecret(property))
        {
            Report(Generator.Mistakes.Secret, property, Said(property));
        }
    }

    /// <summary>A file can be replaced where it is a property of the job, or of a record in a property of the job.</summary>
    private void MeetFile()
    {
        var last = _path.LastOrDefault();
        var why = last is null ? "a job is a record with a file, not a file"
            : _collections > 0 ? "it stands in a collection; give each file a property of its own"
            : _path.Count > 2 ? "it stands deeper than one record below the job; move it up"
            : _path.Any(p => p.SetMethod is not { DeclaredAccessibility: Accessibility.Public }) ? "its property cannot be set; make it { get; init; }"
            : _path.Any(p => p.ContainingType is { IsRecord: false, TypeKind: TypeKind.Class }) ? "only records can be copied with another file; make the class a record"
            : null;
        if (why is not null)
        {
            Report(Generator.Mistakes.FileOutOfReach, last, Said(last), why);
            return;
        }

        _files.Add(new FileModel(_path.Count is 2 ? Names.Escaped(_path[0].Name) : null, Names.Escaped(last!.Name)));
    }

    private IEnumerable<string> Derived(INamedTypeSymbol type) => type.GetAttributes()
        .Where(a => a.AttributeClass?.Name is "JsonDerivedTypeAttribute" && a.ConstructorArguments is [{ Value: INamedTypeSymbol }, ..])
        .Select(a => "|" + (a.ConstructorArguments.Length > 1 ? a.ConstructorArguments[1].Value : "")
            + Record((INamedTypeSymbol)a.ConstructorArguments[0].Value!, type))
        .OrderBy(text => text, StringComparer.Ordinal);

    /// <summary>What the serializer writes: public properties that can be read, the nearest of a name, and what [JsonInclude] adds.</summary>
    private static IEnumerable<IPropertySymbol> Members(INamedTypeSymbol type) => type.WithBases()
        .SelectMany(t => t.GetMembers().OfType<IPropertySymbol>())
        .Where(p => p is { IsStatic: false, IsIndexer: false, GetMethod: not null }
            && (p is { DeclaredAccessibility: Accessibility.Public, GetMethod.DeclaredAccessibility: Accessibility.Public } || Json(p, "JsonIncludeAttribute") is not null))
        .GroupBy(p => p.Name).Select(g => g.First())
        .Where(p => !IsIgnored(p));

    private static bool IsIgnored(IPropertySymbol property) => Json(property, "JsonIgnoreAttribute") is { } ignore
        && !ignore.NamedArguments.Any(a => a.Key is "Condition" && a.Value.Value is not 1);

    private static string JsonName(IPropertySymbol property) =>
        Json(property, "JsonPropertyNameAttribute") is { ConstructorArguments: [{ Value: string name }] } ? name : SnakeCase.Of(property.Name);

    private static ITypeSymbol? Converter(ISymbol? symbol) => symbol is null ? null
        : Json(symbol, "JsonConverterAttribute") is { ConstructorArguments: [{ Value: ITypeSymbol converter }] } ? converter : null;

    private static AttributeData? Json(ISymbol symbol, string name) => symbol.Attribute(Names.JsonAttributes + name);

    private static string Said(ISymbol? symbol) => symbol is null ? "The job"
        : symbol.ContainingType is null ? symbol.Name : symbol.ContainingType.Name + "." + symbol.Name;

    private void Report(DiagnosticDescriptor descriptor, ISymbol? at, params string[] words) =>
        _mistakes.Add(Mistake.Of(descriptor, (at is null ? null : Place.Of(at)) ?? fallback, words));
}
