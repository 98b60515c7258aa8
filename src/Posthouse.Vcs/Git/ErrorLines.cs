using System.Text;

namespace Posthouse.Vcs.Git;

/// <summary>
/// Standard error of a run, line by line: a line that ends in a carriage return is progress, which is heard and not kept. Of the
/// others the last 64 KiB are kept, free of secrets.
/// </summary>
/// <param name="onLine">Hears all of them, or null.</param>
/// <param name="trace">Takes its own lines out, or null.</param>
/// <param name="heard">Hears of every sign of life, or null.</param>
internal sealed class ErrorLines(Action<string>? onLine, CurlTrace? trace, Action? heard = null)
{
    /// <summary>Most characters kept: what decides about a failure stands at the end.</summary>
    private const int MaxKept = 64 << 10;

    /// <summary>Longest line; what is longer is cut, so that a program that writes no line ends cannot fill the memory.</summary>
    private const int MaxLine = 8 << 10;

    private readonly StringBuilder _kept = new();
    private readonly StringBuilder _line = new();
    private readonly Lock _gate = new();
    private bool _returned;

    /// <summary>What was kept so far.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
                return _kept.ToString();
        }
    }

    /// <summary>Reads to the end.</summary>
    public async Task ReadAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false);
        var piece = new char[4 << 10];
        for (int read; (read = await reader.ReadAsync(piece)) > 0;)
        {
            heard?.Invoke();
            foreach (var c in piece.AsSpan(0, read))
                Take(c);
        }

        End(isProgress: false);
    }

    private void Take(char c)
    {
        if (_returned)
            End(isProgress: c != '\n'); // ssh ends its lines with both.
        _returned = c == '\r';
        if (c == '\n')
            End(isProgress: false);
        else if (c != '\r' && _line.Length < MaxLine)
            _line.Append(c);
    }

    private void End(bool isProgress)
    {
        if (_line.Length == 0)
            return;
        var line = _line.ToString();
        _line.Clear();
        if (trace?.Take(line) == true)
            return;
        line = Secrets.Strip(line).TrimEnd();
        if (!isProgress)
        {
            lock (_gate)
            {
                _kept.Append(line).Append('\n');
                if (_kept.Length > MaxKept)
                    _kept.Remove(0, _kept.Length - MaxKept);
            }
        }

        onLine?.Invoke(line);
    }
}
