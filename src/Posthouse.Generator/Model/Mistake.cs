using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Posthouse.Generator.Model;

/// <summary>A place in a source file, without the syntax tree it came from.</summary>
internal sealed record Place(string File, TextSpan Span, LinePositionSpan Lines)
{
    public static Place? Of(Location? location) => location is { SourceTree: not null }
        ? new Place(location.SourceTree.FilePath, location.SourceSpan, location.GetLineSpan().Span)
        : null;

    public static Place? Of(ISymbol symbol) => Of(symbol.Locations.FirstOrDefault(l => l.IsInSource));
}

/// <summary>A diagnostic as data. Named by id, so that a model holds no descriptor.</summary>
internal sealed record Mistake(string Id, Place? Place, EquatableArray<string> Words)
{
    public static Mistake Of(DiagnosticDescriptor descriptor, Place? place, params string[] words) =>
        new(descriptor.Id, place, words.ToEquatable());

    /// <summary>The diagnostic, located in the tree itself where it is known, because only then a #pragma can silence it.</summary>
    public Diagnostic ToDiagnostic(Func<string, SyntaxTree?> treeOf)
    {
        var location = Place is null ? Location.None
            : treeOf(Place.File) is { } tree && Place.Span.End <= tree.Length ? Location.Create(tree, Place.Span)
            : Location.Create(Place.File, Place.Span, Place.Lines);
        return Diagnostic.Create(Mistakes.ById(Id), location, [.. Words]);
    }
}
