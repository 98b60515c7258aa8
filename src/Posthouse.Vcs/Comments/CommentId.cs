using System.Buffers.Binary;
using System.Text.RegularExpressions;
using Posthouse.Jobs;

namespace Posthouse.Vcs.Comments;

/// <summary>Names of comments: UUIDs of version 7 (RFC 9562 section 5.7), which sort by time.</summary>
internal static partial class CommentId
{
    /// <summary>A new one.</summary>
    public static string New(TimeProvider time, IIds ids)
    {
        Span<byte> bytes = stackalloc byte[16];
        ids.Fill(bytes);
        Span<byte> moment = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(moment, time.GetUtcNow().ToUnixTimeMilliseconds());
        moment[2..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    /// <summary>Whether a path is one of a comment.</summary>
    public static bool IsPath(string path) => Shape().IsMatch(path);

    /// <summary>The commit and the id in a comment's path.</summary>
    public static (string Commit, string Id) PartsOf(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return (path[..slash], path[(slash + 1)..^".json".Length]);
    }

    [GeneratedRegex("^(?:[0-9a-f]{40}|[0-9a-f]{64})/(?:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\\.json\\z")]
    private static partial Regex Shape();
}
