using Microsoft.CodeAnalysis;

namespace Posthouse.Generator.Reading;

/// <summary>What may stand in a record that waits on disk, and what looks wrong there.</summary>
internal static class MemberLaw
{
    private static readonly string[] SecretWords =
        ["token", "password", "passwd", "secret", "authorization", "credential", "credentials", "passphrase", "mnemonic"];

    private static readonly string[] KeyWords = ["api", "private", "access", "signing"];

    private static readonly string[] Streams = ["System.IO.Stream", "System.IO.TextReader", "System.IO.TextWriter"];

    /// <summary>Why a value of this type cannot be stored; null: it can.</summary>
    public static string? WhyNotStored(ITypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Delegate } => "code is not data",
        { TypeKind: TypeKind.Pointer or TypeKind.FunctionPointer } => "memory is gone after a restart",
        { SpecialType: SpecialType.System_IntPtr or SpecialType.System_UIntPtr } => "a handle means nothing after a restart",
        { SpecialType: SpecialType.System_Object } or { TypeKind: TypeKind.Dynamic } => "nobody can tell what to read back; name a type",
        { IsRefLikeType: true } => "it points into memory",
        { TypeKind: TypeKind.TypeParameter } => "nobody can tell what to read back; name a type",
        _ when type.WithBases().Any(t => Streams.Contains(t.Bared())) => "use JobFile for files and byte[] for small things",
        _ when type.Is("System.Threading.CancellationToken") => "the handler is given one",
        _ when type.WithBases().Any(t => t.Bared() is "System.Threading.Tasks.Task")
            || type.Bared().StartsWith("System.Threading.Tasks.ValueTask", StringComparison.Ordinal) => "work in progress ends with the process",
        _ when type.WithBases().Any(t => t.Bared() is "System.Reflection.MemberInfo" or "System.Exception") => "it describes this process",
        _ when IsWorker(type) => "services belong into the handler's constructor",
        _ => null,
    };

    /// <summary>An interface or abstract class that JSON cannot make, or a type that holds connections.</summary>
    private static bool IsWorker(ITypeSymbol type) =>
        type.WithBases().Any(t => t.Bared() is "System.Net.Http.HttpMessageInvoker" or "Microsoft.Extensions.DependencyInjection.ServiceProvider")
        || ((type.TypeKind is TypeKind.Interface || type.IsAbstract)
            && !type.GetAttributes().Any(a => a.AttributeClass?.Name is "JsonDerivedTypeAttribute" or "JsonConverterAttribute")
            && type.ContainingNamespace?.ToDisplayString() is not ("System.Text.Json.Nodes" or "System.Collections.Generic" or "System.Collections.Immutable"));

    /// <summary>Why a record of this type would not come back as it went; null: it would.</summary>
    public static string? WhyNotRestored(INamedTypeSymbol type)
    {
        var fields = type.WithBases().SelectMany(t => t.GetMembers().OfType<IFieldSymbol>())
            .Where(f => f is { IsStatic: false, DeclaredAccessibility: Accessibility.Public });
        var constructors = type.InstanceConstructors.Where(c => c.DeclaredAccessibility is Accessibility.Public).ToList();
        return type.IsTupleType || fields.Any() ? "fields are not written; declare a record with properties"
            : type.TypeKind is TypeKind.Class && !type.IsAbstract && constructors.Count is not 1 && !constructors.Any(c => c.Parameters.IsEmpty)
                && !type.InstanceConstructors.Any(c => c.GetAttributes().Any(a => a.AttributeClass?.Name is "JsonConstructorAttribute"))
                ? "JSON cannot tell how to make it; give it one public constructor, or mark one [JsonConstructor]"
            : null;
    }

    /// <summary>How the property may change behind the queue's back; null: it does not.</summary>
    public static string? WhyMutable(IPropertySymbol property) => property switch
    {
        { SetMethod: { IsInitOnly: false, DeclaredAccessibility: Accessibility.Public } } => "can be changed after the job was accepted; make it init-only",
        _ when IsDateTime(property.Type) => "is a DateTime, which forgets its offset; use DateTimeOffset",
        { Type: IArrayTypeSymbol { ElementType.SpecialType: not SpecialType.System_Byte } } => "is an array, which can be changed; use IReadOnlyList<T>",
        _ when property.Type.Bared() is "System.Collections.Generic.List<T>" or "System.Collections.Generic.IList<T>"
            or "System.Collections.Generic.ICollection<T>" or "System.Collections.Generic.HashSet<T>" or "System.Collections.Generic.ISet<T>"
            or "System.Collections.Generic.Dictionary<TKey, TValue>" or "System.Collections.Generic.IDictionary<TKey, TValue>"
            => "is a collection that can be changed; use its IReadOnly… or Immutable… form",
        _ => null,
    };

    public static bool IsPathAsText(IPropertySymbol property) => property.Type.SpecialType is SpecialType.System_String
        && (property.Name.EndsWith("Path", StringComparison.Ordinal) || property.Name.EndsWith("File", StringComparison.Ordinal));

    public static bool LooksSecret(IPropertySymbol property)
    {
        if (property.Type is not ({ SpecialType: SpecialType.System_String } or IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Byte }))
        {
            return false;
        }

        var words = SnakeCase.Of(property.Name).Split('_');
        return words.Any(SecretWords.Contains)
            || words.Contains("apikey")
            || words.Zip(words.Skip(1), (a, b) => b is "key" && KeyWords.Contains(a)).Any(found => found);
    }

    private static bool IsDateTime(ITypeSymbol type) => type.SpecialType is SpecialType.System_DateTime
        || type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [{ SpecialType: SpecialType.System_DateTime }] };
}
