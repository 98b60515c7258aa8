using System.Globalization;
using System.Text;

namespace Posthouse.SystemTests.Vcs;

/// <summary>A request as the server saw it.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Query">Without the question mark.</param>
/// <param name="Headers">The headers; names in any letter case.</param>
internal sealed record GitHttpRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Whether it carries the refs and objects of a push.</summary>
    public bool IsPush => Method == "POST" && Path.EndsWith("/git-receive-pack", StringComparison.Ordinal);

    /// <summary>Whether it asks for the refs before a push.</summary>
    public bool IsPushDiscovery => Method == "GET" && Query == "service=git-receive-pack";

    /// <summary>Reads a request's head; null where the connection ended before one.</summary>
    public static async Task<GitHttpRequest?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (await LineAsync(stream, cancellationToken) is not { } first || first.Split(' ') is not [var method, var target, _])
            return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await LineAsync(stream, cancellationToken) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return new GitHttpRequest(method, Uri.UnescapeDataString(mark < 0 ? target : target[..mark]), mark < 0 ? "" : target[(mark + 1)..], headers);
    }

    /// <summary>Copies the body, told piece by piece; a piece for which <paramref name="take"/> says no ends it.</summary>
    /// <returns>Whether all of it was taken.</returns>
    public async Task<bool> CopyBodyAsync(Stream from, Func<ReadOnlyMemory<byte>, Task<bool>> take, CancellationToken cancellationToken)
    {
        if (Headers.GetValueOrDefault("Transfer-Encoding") != "chunked")
            return await CopyAsync(from, long.Parse(Headers.GetValueOrDefault("Content-Length") ?? "0", CultureInfo.InvariantCulture), take, cancellationToken);
        for (; ; )
        {
            var length = long.Parse(await LineAsync(from, cancellationToken) ?? "0", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (!await CopyAsync(from, length, take, cancellationToken))
                return false;
            await LineAsync(from, cancellationToken);
            if (length == 0)
                return true;
        }
    }

    private static async Task<bool> CopyAsync(Stream from, long length, Func<ReadOnlyMemory<byte>, Task<bool>> take, CancellationToken cancellationToken)
    {
        var piece = new byte[32 << 10];
        while (length > 0)
        {
            var read = await from.ReadAsync(piece.AsMemory(0, (int)Math.Min(length, piece.Length)), cancellationToken);
            if (read == 0 || !await take(piece.AsMemory(0, read)))
                return false;
            length -= read;
        }

        return true;
    }

    /// <summary>One line without its end; null at the end of the stream.</summary>
    internal static async Task<string?> LineAsync(Stream stream, CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, cancellationToken) == 1)
        {
            if (one[0] == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }

        return null;
    }
}
