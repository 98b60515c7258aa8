using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Vcs;

namespace Posthouse.Cli.Output;

/// <summary>What is said about an operation that a verb asked for, besides what it did.</summary>
internal static class OperationText
{
    /// <summary>An operation that is not done: it waits, was refused, or nobody knows.</summary>
    public static VerbEnd Unfinished(OperationEnd end) => new(Word(end.Kind), end.ExitCode)
    {
        Error = end.Kind == OperationEndKind.Queued ? null : Error(end),
        // What was refused, and what was queued, people were told while it was tried.
        ErrorLines = end.Kind == OperationEndKind.Conflict ? null : [],
        Data = json => Data(json, end, null),
    };

    /// <summary>The data of a verb that asked for one operation.</summary>
    public static void Data(Utf8JsonWriter json, OperationEnd end, LockFace? face, Action<Utf8JsonWriter>? members = null)
    {
        json.WriteStartObject();
        json.WriteString("entry_id", end.Id.Value);
        json.WriteNumber("attempts", end.Attempts);
        json.WriteNumber("elapsed_s", Math.Round(end.Elapsed.TotalSeconds, 3));
        if (end.NotBefore is { } due) { json.WriteString("not_before", due); }
        if (end.Result is { } result)
        {
            json.WriteString("summary", result.Summary);
            if (result.Commit is { } commit) { json.WriteString("commit", commit); }
        }

        if (face is not null)
        {
            json.WritePropertyName("lock");
            LockJson.Write(json, face);
        }

        members?.Invoke(json);
        json.WriteEndObject();
    }

    private static EnvelopeError Error(OperationEnd end) => end.Failure is { } failure
        ? EnvelopeError.Of(failure)
        : new EnvelopeError(VcsErrors.UnknownFailure, EnvelopeError.Word(FailureCategory.Unknown), "The operation did not succeed.", $"'posthouse queue show {end.Id}' shows what is known.", null);

    private static string Word(OperationEndKind kind) => kind switch
    {
        OperationEndKind.Done => "done",
        OperationEndKind.Queued => "queued",
        OperationEndKind.Conflict => "conflict",
        OperationEndKind.OutcomeUnknown => "unknown",
        _ => Envelope.Failed,
    };
}
