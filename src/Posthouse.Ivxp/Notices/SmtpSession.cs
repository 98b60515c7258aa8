using System.Globalization;
using System.Text;

namespace Posthouse.Ivxp.Notices;

/// <summary>A reply of a mail server (RFC 5321, section 4.2).</summary>
/// <param name="Code">Three digits: 2xx done, 3xx go on, 4xx not now, 5xx never.</param>
/// <param name="Lines">Its text, which may quote addresses: for decisions, never for logs.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines);

/// <summary>A command was answered in another way than mail needs it.</summary>
internal sealed class SmtpRefusedException(string command, int code)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"The mail server answered {code} to {command}."))
{
    // RFC 5321, section 4.2.1: these will not be other ones later.
    private const int FirstPermanent = 500;

    public bool IsPermanent { get; } = code >= FirstPermanent;
}

/// <summary>One conversation of SMTP over a stream: a command a line, a reply of one or more lines.</summary>
/// <param name="stream">The connection; owned by the caller.</param>
internal sealed class SmtpSession(Stream stream)
{
    // RFC 5321, section 4.5.3.1.5: 512 bytes; real servers say a little more. A reply of more lines is an attack.
    private const int MaxLineBytes = 2_000;
    private const int MaxLines = 100;

    private readonly byte[] _received = new byte[4_096];
    private int _from;
    private int _until;

    /// <summary>Whether the server has said something that nobody asked for: before encryption begins that is somebody in between.</summary>
    public bool HasMore => _from < _until;

    /// <summary>Says a command and hears its reply.</summary>
    /// <param name="command">One line without its end.</param>
    /// <param name="expected">The first digit of a good reply.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SmtpRefusedException">The reply is another one.</exception>
    public async Task<SmtpReply> SayAsync(string command, int expected, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        // The first word alone: the rest may be an address or a password.
        return await HearAsync(command.Split(' ', ':')[0], expected, cancellationToken);
    }

    /// <summary>Sends a message after DATA was taken: its lines, a dot before those that begin with one, and the line that ends it.</summary>
    public async Task<SmtpReply> SendAsync(string message, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var line in message.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
            text.Append(line.StartsWith('.') ? "." : "").Append(line).Append("\r\n");
        return await SayAsync(text + ".", 2, cancellationToken);
    }

    /// <summary>Hears a reply.</summary>
    /// <exception cref="SmtpRefusedException">It is not of the expected kind.</exception>
    /// <exception cref="IOException">The server hung up, or does not speak SMTP.</exception>
    public async Task<SmtpReply> HearAsync(string command, int expected, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (true)
        {
            var line = await LineAsync(cancellationToken);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || lines.Count == MaxLines)
                throw new IOException("What answers there does not speak SMTP.");
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length > 3 && line[3] == '-')
                continue;
            return code / 100 == expected ? new SmtpReply(code, lines) : throw new SmtpRefusedException(command, code);
        }
    }

    private async Task<string> LineAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        while (true)
        {
            if (_from == _until)
            {
                (_from, _until) = (0, await stream.ReadAsync(_received, cancellationToken));
                if (_until == 0)
                    throw new IOException("The mail server hung up.");
            }
            var next = _received[_from++];
            if (next == '\n')
                return Encoding.ASCII.GetString([.. line]).TrimEnd('\r');
            line.Add(next);
            if (line.Count > MaxLineBytes)
                throw new IOException("What answers there does not speak SMTP.");
        }
    }
}
