using Microsoft.CodeAnalysis;
using Posthouse.Generator.Model;

namespace Posthouse.Generator;

/// <summary>The names of the incremental steps.</summary>
internal static class Steps
{
    public const string Readings = nameof(Readings);
    public const string AllReadings = nameof(AllReadings);
    public const string Types = nameof(Types);
    public const string AllTypes = nameof(AllTypes);
    public const string Contexts = nameof(Contexts);
    public const string AllContexts = nameof(AllContexts);
    public const string Facts = nameof(Facts);
    public const string Sources = nameof(Sources);
    public const string Baseline = nameof(Baseline);
    public const string Referenced = nameof(Referenced);
    public const string Mistakes = nameof(Mistakes);
    public const string Models = nameof(Models);
    public const string Handlers = nameof(Handlers);
    public const string Assembly = nameof(Assembly);
    public const string Catalog = nameof(Catalog);

    public static IReadOnlyList<string> All { get; } =
    [
        Readings, AllReadings, Types, AllTypes, Contexts, AllContexts, Facts, Sources, Baseline, Referenced, Mistakes, Models, Handlers, Assembly, Catalog,
    ];

    /// <summary>All values of a step as one that is compared by content.</summary>
    public static IncrementalValueProvider<EquatableArray<T>> Collected<T>(this IncrementalValuesProvider<T> values, string name)
        where T : IEquatable<T> => values.Collect().Select(static (all, _) => all.ToEquatable()).WithTrackingName(name);
}
