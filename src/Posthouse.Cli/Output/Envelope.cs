using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Posthouse.Vcs;

namespace Posthouse.Cli.Output;

/// <summary>
/// The one JSON document of a verb of locks and sync or of the price mesh, the same on every path: done, queued, refused, not understood. A program
/// reads <c>ok</c> or <c>exit_code</c> first and finds the rest where it always is. Members are added, never renamed.
/// </summary>
/// <param name="Command">The verb's words, for example <c>lock acquire</c>.</param>
/// <param name="Status">What became of it, in one word.</param>
/// <param name="ExitCode">The verb's exit code.</param>
internal sealed record Envelope(string Command, string Status, int ExitCode)
{
    /// <summary>The shape's name.</summary>
    public const string Schema = "posthouse/1";

    /// <summary>The status of what failed as expected.</summary>
    public const string Failed = "failed";

    /// <summary>The status of a command line that was not understood.</summary>
    public const string NotUnderstood = "usage";

    /// <summary>The status of what was ended from outside.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>The code of a command line that was not understood.</summary>
    private const string UsageCode = ErrorCodes.OptionsInvalid;

    private static readonly JsonWriterOptions _indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions _oneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the value of <c>data</c>; null for none.</summary>
    public Action<Utf8JsonWriter>? Data { get; init; }

    /// <summary>What the reader should notice although it does not decide anything.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Why it failed, or null.</summary>
    public EnvelopeError? Error { get; init; }

    /// <summary>A verb that failed as expected.</summary>
    public static Envelope Of(string command, PosthouseException failure) =>
        new(command, Failed, ExitCodes.For(failure.Code)) { Error = EnvelopeError.Of(failure) };

    /// <summary>A command line that was not understood.</summary>
    public static Envelope Usage(string command, string message, string hint) =>
        new(command, NotUnderstood, ExitCodes.Usage) { Error = new EnvelopeError(UsageCode, "usage", message, hint, null) };

    /// <summary>A verb that was interrupted.</summary>
    public static Envelope Cut(string command, int exitCode) => new(command, Interrupted, exitCode)
    {
        Error = new EnvelopeError(VcsErrors.Cancelled, EnvelopeError.Word(FailureCategory.Cancelled), "The command was interrupted.", null, null),
    };

    /// <summary>The document.</summary>
    /// <param name="oneLine">Whether it is one of several, each on a line of its own.</param>
    public string Text(bool oneLine = false)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, oneLine ? _oneLine : _indented)) { Write(json); }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("command", Command);
        json.WriteBoolean("ok", ExitCode == ExitCodes.Done);
        json.WriteString("status", Status);
        json.WriteNumber("exit_code", ExitCode);
        json.WritePropertyName("data");
        if (Data is null) { json.WriteNullValue(); } else { Data(json); }
        json.WriteStartArray("warnings");
        foreach (var warning in Warnings) { json.WriteStringValue(warning); }
        json.WriteEndArray();
        json.WritePropertyName("error");
        if (Error is null) { json.WriteNullValue(); } else { Error.Write(json); }
        json.WriteEndObject();
    }
}
