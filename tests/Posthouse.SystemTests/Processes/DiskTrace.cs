using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Posthouse.SystemTests.Processes;

/// <summary>What a traced process did, in the one order in which the tracer saw it.</summary>
internal abstract record Traced
{
    /// <summary>Bytes were written; until the file is flushed they may be lost, or half of them.</summary>
    internal sealed record Write(string File, long Offset, byte[] Bytes) : Traced;

    /// <summary>A file got another length.</summary>
    internal sealed record Length(string File, long Bytes) : Traced;

    /// <summary>A flush began; when it has ended, what was written before stays.</summary>
    internal sealed record FlushBegun(string File, string Thread) : Traced;

    /// <summary>The flush of a thread has ended well.</summary>
    internal sealed record Flushed(string Thread) : Traced;

    /// <summary>Somebody may have heard this from now on.</summary>
    internal sealed record Said(string Text) : Traced;
}

/// <summary>Reads the files of strace that <see cref="Command"/> makes it write.</summary>
internal static partial class DiskTrace
{
    /// <summary>The tracer in front of a program; it is the program's grandchild, so that signals reach the program itself.</summary>
    public static string[] Command(string trace) =>
        ["/usr/bin/strace", "-D", "-f", "-q", "-y", "--seccomp-bpf", "-s", "4000000", "-xx", "-e", "trace=pwrite64,fsync,fdatasync,ftruncate,sendto,sendmsg", "-e", "signal=none", "-o", trace];

    /// <summary>Everything that concerns the database and what was said on sockets, until the database's last close.</summary>
    public static IEnumerable<Traced> Read(string trace, string database)
    {
        foreach (var line in File.ReadLines(trace))
        {
            var thread = line[..line.IndexOf(' ', StringComparison.Ordinal)];
            var call = line.AsSpan(thread.Length).TrimStart();
            if (call.StartsWith("<... f") && call.EndsWith("= 0"))
                yield return new Traced.Flushed(thread);
            else if (Call().Match(line) is { Success: true } found && Event(found, thread, database) is { } traced)
            {
                yield return traced;
                if (traced is Traced.FlushBegun && line.EndsWith("= 0", StringComparison.Ordinal))
                    yield return new Traced.Flushed(thread);
            }
        }
    }

    private static Traced? Event(Match found, string thread, string database)
    {
        var file = Encoding.UTF8.GetString(Bytes(found.Groups["file"].ValueSpan));
        if (file.StartsWith("socket:", StringComparison.Ordinal))
            return new Traced.Said(Encoding.Latin1.GetString(Data().EnumerateMatches(found.Groups["rest"].ValueSpan) is var data && data.MoveNext()
                ? Bytes(found.Groups["rest"].ValueSpan.Slice(data.Current.Index + 1, data.Current.Length - 2)) : []));
        if (file != database && file != database + "-wal")
            return null;
        var rest = found.Groups["rest"].ValueSpan;
        switch (found.Groups["name"].Value)
        {
            case "pwrite64":
                var end = rest.LastIndexOf('"');
                var numbers = Numbers().Match(rest[end..].ToString());
                return new Traced.Write(file, long.Parse(numbers.Groups[2].ValueSpan, CultureInfo.InvariantCulture), Bytes(rest[(rest.IndexOf('"') + 1)..end]));
            case "ftruncate":
                return new Traced.Length(file, long.Parse(Numbers().Match(rest.ToString()).Groups[1].ValueSpan, CultureInfo.InvariantCulture));
            default:
                return new Traced.FlushBegun(file, thread);
        }
    }

    /// <summary>Bytes as <c>\x00</c>, four characters for each.</summary>
    private static byte[] Bytes(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length / 4];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = byte.Parse(text.Slice((4 * i) + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return bytes;
    }

    [GeneratedRegex(@"^\d+ +(?<name>pwrite64|fsync|fdatasync|ftruncate|sendto|sendmsg)\(\d+<(?<file>[^>]*)>(?<rest>.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Call();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Data();

    [GeneratedRegex(@", (\d+)(?:, (\d+))?")]
    private static partial Regex Numbers();
}
