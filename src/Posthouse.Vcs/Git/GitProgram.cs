using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace Posthouse.Vcs.Git;

/// <summary>The machine's Git, started anew for each call, with no terminal, no questions and a limit on all it may use.</summary>
internal sealed class GitProgram(TimeProvider time, GitOptions options) : IGit
{
    /// <summary>How long its output is waited for after it has ended: a program that it left in the background may hold it open.</summary>
    private static readonly TimeSpan _drainTime = TimeSpan.FromSeconds(2);

    /// <summary>Git's highest exit code of its own; above it a signal has ended it.</summary>
    private const int LastOwnCode = 129;

    /// <summary>A signal from the terminal reaches this program, too, though perhaps a moment after Git.</summary>
    private static readonly TimeSpan _signalTime = TimeSpan.FromMilliseconds(500);

    /// <summary>What of a clone's configuration decides how its remotes are spoken to.</summary>
    private const string Spoken = $@"^(core\.sshcommand|{BareAddresses.Keys})$";

    private readonly ConcurrentDictionary<string, IReadOnlyList<(string Key, string Value)>> _spoken = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!call.Talks)
            return await RunOnceAsync(call, null, cancellationToken);
        var configuration = await SpokenAsync(call, cancellationToken);
        var variables = new Dictionary<string, string?>(call.Environment) { ["GIT_TRACE_CURL"] = "2", ["GIT_TRACE_CURL_NO_DATA"] = "1" };
        if (SshCommand.Of(Environment.GetEnvironmentVariable, configuration.LastOrDefault(one => one.Key == "core.sshcommand").Value) is { } ssh)
            variables.TryAdd(SshCommand.Variable, ssh);
        var bare = BareAddresses.Of(call.Arguments, configuration);
        bare.Apply(variables);
        var trace = new CurlTrace();
        var result = await RunOnceAsync(call with { Arguments = bare.Words, Environment = variables }, trace, cancellationToken);
        return result with { ServerTime = trace.ServerTime, RetryAfter = trace.RetryAfterAt(time.GetUtcNow()), StatusCode = trace.StatusCode };
    }

    private async Task<GitResult> RunOnceAsync(GitCall call, CurlTrace? trace, CancellationToken cancellationToken)
    {
        var most = call.Timeout ?? (call.Talks ? options.SilenceTime : Timeout.InfiniteTimeSpan);
        using var limit = new CancellationTokenSource(most, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var process = Start(call);
        var output = new CappedOutput(call.MaxOutputBytes);
        var errors = new ErrorLines(call.OnProgress, trace, call.Timeout is null && call.Talks ? () => limit.CancelAfter(most) : null);
        var reading = output.ReadAsync(process.StandardOutput.BaseStream);
        var listening = errors.ReadAsync(process.StandardError.BaseStream);
        try
        {
            var writing = WriteAsync(process, call.Input);
            await UntilItEndsAsync(process, reading, ends.Token);
            await DrainAsync(Task.WhenAll(reading, listening, writing));
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            await DrainAsync(Task.WhenAll(reading, listening, process.WaitForExitAsync(CancellationToken.None)));
            cancellationToken.ThrowIfCancellationRequested();
            return new GitResult(-1, output.Bytes, errors.Text) { TimedOut = true };
        }
        finally
        {
            Kill(process);
        }

        if (reading.IsCompletedSuccessfully && !reading.Result)
            throw new VcsException(new RemoteFailure(FailureCategory.Local, $"git {call.Arguments[0]} wrote more than {call.MaxOutputBytes} bytes."));
        if (process.ExitCode > LastOwnCode)
            await Task.Delay(_signalTime, time, cancellationToken); // Ctrl+C reached Git first: that is no failure of its own.
        return new GitResult(process.ExitCode, output.Bytes, errors.Text);
    }

    /// <summary>Waits for the end of the program, or for the moment when it has written too much.</summary>
    private static async Task UntilItEndsAsync(Process process, Task<bool> reading, CancellationToken cancellationToken)
    {
        var ending = process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(ending, reading) == reading && !await reading)
            Kill(process);
        await ending;
    }

    private async Task DrainAsync(Task all)
    {
        try
        {
            await all.WaitAsync(_drainTime, time);
        }
        catch (Exception e) when (e is TimeoutException or IOException or ObjectDisposedException)
        {
            // What was read until now is what there is.
        }
    }

    private static async Task WriteAsync(Process process, ReadOnlyMemory<byte> input)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It ended without reading all; its exit code says why.
        }
    }

    private Process Start(GitCall call)
    {
        var start = new ProcessStartInfo(options.Program, ["-C", call.Folder, .. call.Arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        GitEnvironment.Apply(start.Environment, options, call);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new VcsException(
                new RemoteFailure(FailureCategory.Local, $"Git cannot be started: {e.Message}") { Code = VcsErrors.GitMissing, Hint = "Install Git 2.31 or newer and see that it is on the PATH." }, e);
        }
    }

    private async ValueTask<IReadOnlyList<(string Key, string Value)>> SpokenAsync(GitCall call, CancellationToken cancellationToken)
    {
        if (_spoken.TryGetValue(call.Folder, out var known))
            return known;
        var asked = await RunOnceAsync(new GitCall(call.Folder, "config", "--null", "--get-regexp", Spoken) { Environment = call.Environment }, null, cancellationToken);
        return _spoken[call.Folder] = [.. asked.Text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('\n', 2)).Where(pair => pair.Length == 2).Select(pair => (pair[0], pair[1]))];
    }

    /// <summary>Ends it and all that it started: <c>git-remote-http</c> left alone would still finish a push.</summary>
    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }
}
