using Microsoft.CodeAnalysis;
using Posthouse.Generator.Model;

namespace Posthouse.Generator.Reading;

/// <summary>
/// Reads the chain of [Upcast] methods: one for every version before the present, each giving the next version's record or
/// the present one.
/// </summary>
internal sealed class UpcastReader(INamedTypeSymbol job, string name, int version)
{
    private readonly List<Mistake> _mistakes = [];

    public IReadOnlyList<Mistake> Mistakes => _mistakes;

    /// <summary>The methods by version, with the record each one reads.</summary>
    public IReadOnlyList<(UpcastModel Model, ITypeSymbol Record)> Read()
    {
        var methods = job.GetMembers().OfType<IMethodSymbol>()
            .Select(m => (Method: m, Attribute: m.Attribute(Names.UpcastAttribute)))
            .Where(m => m.Attribute is { ConstructorArguments: [{ Value: int }] })
            .Select(m => (m.Method, From: (int)m.Attribute!.ConstructorArguments[0].Value!))
            .Where(m => IsGood(m.Method, m.From))
            .GroupBy(m => m.From)
            .OrderBy(g => g.Key)
            .ToDictionary(g => g.Key, g => One(g.Key, [.. g.Select(m => m.Method)]));
        return [.. Enumerable.Range(1, version - 1).Select(from => Step(methods, from)).OfType<(UpcastModel, ITypeSymbol)>()];
    }

    private bool IsGood(IMethodSymbol method, int from)
    {
        var wrong = method is not { IsStatic: true, IsGenericMethod: false, ReturnsVoid: false, Parameters: [{ RefKind: RefKind.None }] }
                ? "is no static method from one record to the next"
            : method.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal
                ? "cannot be called by generated code; make it internal or public"
            : from < 1 || from >= version ? $"upcasts from version {from}, but versions before {version} start at 1"
            : null;
        if (wrong is not null)
        {
            Report(method, $"'{method.Name}' {wrong}");
        }

        return wrong is null;
    }

    private IMethodSymbol One(int from, IReadOnlyList<IMethodSymbol> methods)
    {
        if (methods.Count > 1)
        {
            Report(methods[1], $"two methods upcast from version {from}");
        }

        return methods[0];
    }

    private (UpcastModel, ITypeSymbol)? Step(Dictionary<int, IMethodSymbol> methods, int from)
    {
        if (!methods.TryGetValue(from, out var method))
        {
            Report(job, $"version {from} cannot be read; add a static method [Upcast({from})] that takes its record");
            return null;
        }

        var givesPresent = Same(method.ReturnType, job);
        if (!givesPresent && !(methods.TryGetValue(from + 1, out var next) && Same(method.ReturnType, next.Parameters[0].Type)))
        {
            Report(method, $"'{method.Name}' gives '{method.ReturnType.Said()}', which is neither '{job.Name}' nor the record of version {from + 1}");
            return null;
        }

        var record = method.Parameters[0].Type;
        return (new UpcastModel(from, Names.Escaped(method.Name), record.Text(), givesPresent), record);
    }

    private static bool Same(ITypeSymbol a, ITypeSymbol b) => SymbolEqualityComparer.Default.Equals(a, b);

    private void Report(ISymbol at, string what) => _mistakes.Add(Mistake.Of(Generator.Mistakes.BadUpcast, Place.Of(at), name, what));
}
