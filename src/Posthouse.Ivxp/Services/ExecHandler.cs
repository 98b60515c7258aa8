using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Ivxp.Services;

/// <summary>
/// Work done by a command: the order as one JSON object on standard input, the result on standard output. A JSON object is the
/// content as it stands; any other text becomes <c>{"body": text}</c> in markdown. Every exit code but 0 is a failed attempt.
/// The command is started directly, never through a shell, and the client's text reaches it on standard input alone.
/// </summary>
public sealed class ExecHandler : IServiceHandler
{
    // Enough to recognise a fault by, too little to fill the log.
    private const int MaxErrorLength = 500;

    private readonly IReadOnlyList<string> _command;
    private readonly TimeSpan _timeLimit;
    private readonly TimeProvider _time;

    /// <summary>A command and its limit.</summary>
    /// <param name="command">The program and its arguments, at least one word.</param>
    /// <param name="timeLimit">After this long it and its children are killed, and the attempt has failed.</param>
    /// <param name="time">Measures the limit.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: no command.</exception>
    public ExecHandler(IReadOnlyList<string> command, TimeSpan timeLimit, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.Count == 0 || command[0].Length == 0)
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "A service's Exec names a program: Exec:0 is the program, Exec:1 and on its arguments.");
        (_command, _timeLimit, _time) = (command, timeLimit, time);
    }

    /// <inheritdoc/>
    public async Task<Deliverable> WorkAsync(ServiceWork work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        using var limit = new CancellationTokenSource(_timeLimit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var process = Start();
        try
        {
            var output = await TalkAsync(process, work, both.Token);
            return new Deliverable(work.ServiceType, Content(output, out var format), format);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ServiceFailedException(string.Create(CultureInfo.InvariantCulture, $"The command was killed after {_timeLimit.TotalSeconds:0.###} s."));
        }
        finally
        {
            Kill(process);
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(_command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in _command.Skip(1))
            start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start) ?? throw new ServiceFailedException($"The command {_command[0]} did not start.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ServiceFailedException($"The command {_command[0]} cannot be started: {e.Message}");
        }
    }

    private static async Task<byte[]> TalkAsync(Process process, ServiceWork work, CancellationToken cancellationToken)
    {
        var output = ReadAsync(process.StandardOutput.BaseStream, ServiceLimits.ResultBytes, cancellationToken);
        var errors = ReadAsync(process.StandardError.BaseStream, MaxErrorLength * 4, cancellationToken);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(Request(work), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A command may answer without reading its input.
        }
        var (bytes, isWhole) = await output;
        if (!isWhole)
            throw new ServiceFailedException($"The command wrote more than {ServiceLimits.ResultBytes} bytes.", isFinal: true);
        var said = await errors;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new ServiceFailedException(string.Create(CultureInfo.InvariantCulture, $"The command ended with code {process.ExitCode}: {Shorten(said.Bytes)}"));
        return bytes.Length > 0 ? bytes : throw new ServiceFailedException("The command ended with code 0 and wrote nothing, which nobody bought.");
    }

    /// <summary>Reads to the end and keeps at most so many bytes; a command whose errors nobody read would wait for ever.</summary>
    private static async Task<(byte[] Bytes, bool IsWhole)> ReadAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var piece = new byte[8192];
        var isWhole = true;
        for (int read; (read = await stream.ReadAsync(piece, cancellationToken)) > 0;)
        {
            var room = (int)Math.Min(read, most - kept.Length);
            kept.Write(piece, 0, room);
            isWhole &= room == read;
        }
        return (kept.ToArray(), isWhole);
    }

    private static byte[] Request(ServiceWork work)
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("order_id", work.OrderId);
        json.WriteString("service_type", work.ServiceType);
        json.WriteString("description", work.Description);
        if (work.DeliveryFormat is not null)
            json.WriteString("delivery_format", work.DeliveryFormat);
        if (work.Deadline is not null)
            json.WriteString("deadline", work.Deadline);
        json.WriteNumber("attempt", work.Attempt);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static JsonContent Content(byte[] output, out string format)
    {
        format = "json";
        try
        {
            using var document = JsonDocument.Parse(output);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return JsonContent.From(document.RootElement);
        }
        catch (JsonException)
        {
            // Then it is text.
        }
        format = "markdown";
        return ContentText.Of(("body", Encoding.UTF8.GetString(output)));
    }

    private static string Shorten(byte[] errors)
    {
        var text = Encoding.UTF8.GetString(errors).Trim();
        return text.Length <= MaxErrorLength ? text : text[..MaxErrorLength] + "…";
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }
}
