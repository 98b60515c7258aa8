using Posthouse.Generator.Model;

namespace Posthouse.Generator.Checking;

/// <summary>Finds what no single declaration shows: names used twice, handlers, missing type info and changed shapes.</summary>
internal sealed class CatalogCheck(
    IReadOnlyCollection<JobReading> readings,
    IReadOnlyCollection<HandlerModel> handlers,
    IReadOnlyCollection<ReferencedName> referenced,
    Baseline? baseline,
    TypeInfoSources sources,
    BuildFacts facts)
{
    public IEnumerable<Mistake> Mistakes() => readings
        .SelectMany(r => r.Mistakes.Concat(r.Model is null ? [] : Of(r.Model, r.Place)))
        .Concat(BadBaseline())
        .Distinct();

    private IEnumerable<Mistake> Of(JobModel job, Place? place) =>
        [.. Names(job, place), .. Handlers(job, place), .. TypeInfos(job, place), .. Shapes(job, place)];

    private IEnumerable<Mistake> Names(JobModel job, Place? place)
    {
        var others = readings.Where(r => r.Model is { } other && other.Name == job.Name && other.Job != job.Job)
            .Select(r => $"'{r.Model!.Job.Plain}'")
            .Concat(referenced.Where(n => n.Name == job.Name).Select(n => $"the assembly '{n.Assembly}'"));
        return others.Take(1).Select(other => Mistake.Of(Generator.Mistakes.NameTaken, place, job.Name, Said(other)));
    }

    private IEnumerable<Mistake> Handlers(JobModel job, Place? place)
    {
        var own = handlers.Where(h => h.Job == job.Job.Plain).ToList();
        foreach (var handler in own.Where(h => h.Result != job.Result.Plain))
        {
            yield return Mistake.Of(Generator.Mistakes.OtherResult, handler.Place,
                Said(handler.Handler), Said(job.Job.Plain), Said(handler.Result), Said(job.Result.Plain));
        }

        var classes = own.Select(h => h.Handler).Distinct().OrderBy(h => h, StringComparer.Ordinal).ToList();
        if (classes.Count is 0)
        {
            yield return Mistake.Of(Generator.Mistakes.NoHandler, place, Said(job.Job.Plain));
        }

        if (classes.Count > 1)
        {
            yield return Mistake.Of(Generator.Mistakes.TwoHandlers, own.First(h => h.Handler == classes[1]).Place,
                Said(job.Job.Plain), string.Join(" and ", classes.Select(c => $"'{Said(c)}'")));
        }
    }

    private IEnumerable<Mistake> TypeInfos(JobModel job, Place? place)
    {
        var context = sources.Contexts.Select(c => $"'{Said(c.Context)}'").OrderBy(c => c, StringComparer.Ordinal).FirstOrDefault()
            ?? "a partial class that derives from JsonSerializerContext (without UseStringEnumConverter)";
        return TypeInfoSources.TypesOf(job).Select(t => t.Plain).Distinct().Where(t => !sources.Has(t))
            .Select(t => Mistake.Of(Generator.Mistakes.NoTypeInfo, place, Said(t), job.Name, context));
    }

    private IEnumerable<Mistake> Shapes(JobModel job, Place? place)
    {
        if (facts.Accepting || baseline?.Shapes is not { } accepted)
        {
            return [];
        }

        var changed = job.Shapes.Where(s => accepted.Any(a => a.Name == job.Name && a.Version == s.Version && a.Hash != s.Hash));
        return changed.Select(s => Mistake.Of(Generator.Mistakes.ShapeChanged, place, Said(RecordOf(job, s.Version)), job.Name, s.Version.ToString()));
    }

    private static string RecordOf(JobModel job, int version) =>
        job.Upcasts.FirstOrDefault(u => u.From == version)?.Parameter.Plain ?? job.Job.Plain;

    private IEnumerable<Mistake> BadBaseline() => baseline is { Shapes: null } && !facts.Accepting
        ? [Mistake.Of(Generator.Mistakes.BadBaseline, null, baseline.File)]
        : [];

    private static string Said(string type) => type.Replace("global::", "");
}
