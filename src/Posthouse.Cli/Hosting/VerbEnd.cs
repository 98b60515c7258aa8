using System.Text.Json;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Hosting;

/// <summary>How a verb of locks and sync ended: everything that is to be said about it, to whoever reads.</summary>
/// <param name="Status">One word for programs.</param>
/// <param name="ExitCode">Its exit code.</param>
internal sealed record VerbEnd(string Status, int ExitCode = ExitCodes.Done)
{
    /// <summary>The lines of standard output, for people.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>What the reader should notice, on standard error for people.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Why it failed, or null.</summary>
    public EnvelopeError? Error { get; init; }

    /// <summary>What people read in place of the error's message and hint, or null.</summary>
    public IReadOnlyList<string>? ErrorLines { get; init; }

    /// <summary>Writes <c>data</c> for programs, or null.</summary>
    public Action<Utf8JsonWriter>? Data { get; init; }

    /// <summary>An error that the verb found by itself.</summary>
    public static VerbEnd Failed(string code, string message, string? hint = null)
    {
        var error = EnvelopeError.Of(new PosthouseException(code, hint is null ? message : message + "\n" + hint));
        return new VerbEnd(Envelope.Failed, ExitCodes.For(code)) { Error = error };
    }

    /// <summary>Says it, and gives the exit code.</summary>
    /// <param name="verb">The verb's words.</param>
    /// <param name="flags">What the reader wants.</param>
    /// <param name="terminal">What can be shown.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public int Write(string verb, VcsFlags flags, Terminal terminal, TextWriter output, TextWriter error)
    {
        if (flags.Json)
        {
            output.WriteLine(new Envelope(verb, Status, ExitCode) { Data = Data, Warnings = Warnings, Error = Error }.Text());
            return ExitCode;
        }

        if (!flags.Quiet)
        {
            foreach (var line in Lines) { output.WriteLine(line); }
        }

        foreach (var warning in Warnings) { error.WriteLine($"{terminal.WarningMark} {TextTable.Clean(warning, terminal.Unicode)}"); }
        foreach (var line in ErrorLines ?? OfError(terminal)) { error.WriteLine(TextTable.Clean(line, terminal.Unicode)); }
        return ExitCode;
    }

    private IEnumerable<string> OfError(Terminal terminal)
    {
        if (Error is not { } error) { yield break; }

        yield return $"{terminal.FailedMark} {error.Message}";
        foreach (var line in error.Hint?.Split('\n') ?? []) { yield return "   " + line; }
    }
}
