using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Posthouse.Vcs.Transfer;

/// <summary>How a run of Oxen ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output, its first megabyte.</param>
/// <param name="Errors">Standard error, its first megabyte.</param>
internal sealed record OxenResult(int ExitCode, string Output, string Errors);

/// <summary>The machine's <c>oxen</c> program.</summary>
/// <param name="program">Its name or path.</param>
internal sealed class OxenProgram(string program = "oxen")
{
    /// <summary>Progress bars repeat themselves without end; nobody reads more of them.</summary>
    private const int MaxText = 1 << 20;

    /// <summary>Runs it to its end; cancelled, it is ended with all that it started.</summary>
    /// <exception cref="VcsException">LOCAL_FAILURE: it is not here.</exception>
    public async Task<OxenResult> RunAsync(string folder, IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, words)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        start.Environment["NO_COLOR"] = "1";
        using var process = Start(start);
        try
        {
            process.StandardInput.Close(); // Whoever asks a question gets no answer.
            var (output, errors) = (ReadAsync(process.StandardOutput, cancellationToken), ReadAsync(process.StandardError, cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return new OxenResult(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new VcsException(new RemoteFailure(FailureCategory.Local, $"Oxen cannot be started: {e.Message}") { Hint = "Install the oxen program and see that it is on the PATH." }, e);
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var (text, piece) = (new StringBuilder(), new char[4096]);
        for (int read; (read = await reader.ReadAsync(piece, cancellationToken)) > 0;)
            text.Append(piece, 0, Math.Min(read, MaxText - text.Length));
        return text.ToString();
    }
}
