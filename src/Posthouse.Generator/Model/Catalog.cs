namespace Posthouse.Generator.Model;

/// <summary>Everything that is emitted for one assembly.</summary>
/// <param name="Assembly">The assembly's name.</param>
/// <param name="IsNeeded">Whether the assembly declares jobs at all; the class is there even if all are broken, so that only the mistakes are reported.</param>
/// <param name="Jobs">The jobs that can be registered.</param>
/// <param name="Handlers">Their handlers.</param>
/// <param name="Sources">Where JSON type info comes from.</param>
internal sealed record Catalog(
    string Assembly,
    bool IsNeeded,
    EquatableArray<JobModel> Jobs,
    EquatableArray<HandlerText> Handlers,
    TypeInfoSources Sources);

/// <summary>A handler as it is registered.</summary>
internal sealed record HandlerText(string Handler, string Job, string Result);

/// <summary>Where JSON type info comes from: first from a context that lists the type, else by reflection where it is on.</summary>
internal sealed record TypeInfoSources(EquatableArray<ContextModel> Contexts, bool Reflection)
{
    /// <summary>The context that lists the type; among several the first by name.</summary>
    public string? ContextOf(string type) =>
        Contexts.Where(c => c.Types.Contains(type)).Select(c => c.Context).OrderBy(c => c, StringComparer.Ordinal).FirstOrDefault();

    public bool Has(string type) => Reflection || type is Reading.Names.Nothing || ContextOf(type) is not null;

    /// <summary>All types that a job's descriptor writes or reads.</summary>
    public static IEnumerable<TypeText> TypesOf(JobModel job) => [job.Job, job.Result, .. job.Upcasts.Select(u => u.Parameter)];
}
