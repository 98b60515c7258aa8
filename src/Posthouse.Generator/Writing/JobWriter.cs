using Microsoft.CodeAnalysis.CSharp;
using Posthouse.Generator.Model;
using Posthouse.Generator.Reading;

namespace Posthouse.Generator.Writing;

/// <summary>Writes the descriptor of one job, as a person would write it by hand.</summary>
internal sealed class JobWriter(TypeInfoSources sources, IReadOnlyList<string> contexts)
{
    private const string Jobs = "global::Posthouse.Jobs.";

    private const string File = "global::Posthouse.Files.JobFile";

    public void Write(Code code, JobModel job, int index)
    {
        var type = $"{Jobs}JobDescriptor<{job.Job.Annotated}, {job.Result.Annotated}>";
        code.Line($"private static {type} Job{index}() => new(");
        code.Line($"    \"{job.Name}\",").Line($"    {job.Version},").Line($"    {Info(job.Job)},").Line($"    {Info(job.Result)})").Open();
        Options(code, job);
        Key(code, "LaneOf", job.Lane);
        Key(code, "DeduplicationKeyOf", job.DeduplicationKey);
        Key(code, "DestinationOf", job.Destination);
        if (job.Files.Count > 0)
        {
            Files(code, job.Files);
        }

        if (job.Upcasts.Count > 0)
        {
            Upcasts(code, job);
        }

        code.Close("};");
    }

    private static void Options(Code code, JobModel job)
    {
        if (job.IdPrefix is { } prefix)
        {
            code.Line($"IdPrefix = {SymbolDisplay.FormatLiteral(prefix, quote: true)},");
        }

        code.Line($"OnDuplicate = {Jobs}OnDuplicate.{job.OnDuplicate},");
        code.Line($"WhenDead = {Jobs}WhenDead.{job.WhenDead},");
        code.Line($"Priority = {job.Priority},");
        code.Line($"Plan = new global::Posthouse.Retry.Backoff {{ MaxAttempts = {job.MaxAttempts} }},");
        code.Line($"MaxLost = {job.MaxLost},");
        if (job.ExpiresAfterTicks is { } ticks)
        {
            code.Line($"ExpiresAfter = global::System.TimeSpan.FromTicks({ticks}L),");
        }
    }

    private static void Key(Code code, string member, KeyTemplate? template)
    {
        if (template is not null)
        {
            code.Line($"{member} = static job => {Jobs}KeyText.Of($\"{template.Interpolation}\"),");
        }
    }

    /// <summary>Both visitors walk the files in the same order and skip the same absent ones.</summary>
    private static void Files(Code code, EquatableArray<FileModel> files)
    {
        code.Line("FilesOf = static job =>").Open().Line($"var files = new global::System.Collections.Generic.List<{File}>({files.Count});");
        for (var i = 0; i < files.Count; i++)
        {
            var there = files[i].Holder is { } holder ? $"job.{holder} is {{ }} holder{i} && holder{i}.{files[i].Property} is {{ }} file{i}"
                : $"job.{files[i].Property} is {{ }} file{i}";
            code.Line($"if ({there})").Open().Line($"files.Add(file{i});").Close().Line();
        }

        code.Line("return files;").Close("},");
        code.Line("ReplaceFiles = static (job, files) =>").Open().Line("var next = 0;");
        for (var i = 0; i < files.Count; i++)
        {
            var (there, copy) = files[i].Holder is { } holder
                ? ($"job.{holder} is {{ }} holder{i} && holder{i}.{files[i].Property} is not null",
                    $"{holder} = holder{i} with {{ {files[i].Property} = files[next++] }}")
                : ($"job.{files[i].Property} is not null", $"{files[i].Property} = files[next++]");
            code.Line($"if ({there})").Open().Line($"job = job with {{ {copy} }};").Close().Line();
        }

        code.Line("return job;").Close("},");
    }

    private void Upcasts(Code code, JobModel job)
    {
        code.Line($"Upcasts = new global::System.Collections.Generic.Dictionary<int, {Jobs}PayloadReader<{job.Job.Annotated}>>").Open();
        foreach (var first in job.Upcasts)
        {
            var record = $"{Jobs}PosthouseJson.Read(payload, {Info(first.Parameter)})";
            for (var step = first; step is not null; step = step.GivesPresent ? null : job.Upcasts.FirstOrDefault(u => u.From == step.From + 1))
            {
                record = $"{job.Job.Plain}.{step.Method}({record})";
            }

            code.Line($"[{first.From}] = static payload => {record},");
        }

        code.Close("},");
    }

    private string Info(TypeText type) => type.Plain is Names.Nothing ? Jobs + "PosthouseJson.Nothing"
        : sources.ContextOf(type.Plain) is { } context ? $"{Jobs}PosthouseJson.TypeInfo<{type.Annotated}>(Context{IndexOf(context)})"
        : $"{Jobs}PosthouseJson.TypeInfo<{type.Annotated}>()";

    private int IndexOf(string context) => contexts.TakeWhile(c => c != context).Count();
}
