using System.Globalization;
using System.Text.RegularExpressions;
using Posthouse.Jobs;

namespace Posthouse.Vcs.Transfer;

/// <summary>A batch that lies on the remote.</summary>
/// <param name="Ref">Its ref.</param>
/// <param name="Tree">What the ref holds.</param>
/// <param name="CloneId">The clone that sent it.</param>
/// <param name="Session">The push it belongs to.</param>
/// <param name="BeganAt">When that push began, by its sender's clock.</param>
/// <param name="Number">Its number in that push, from 1.</param>
internal sealed record StagedBatch(string Ref, string Tree, string CloneId, string Session, DateTimeOffset BeganAt, int Number);

/// <summary>
/// The names of batches on the remote: <c>refs/posthouse/stage/CLONE/SESSION/NUMBER</c>. A session's name begins with the second in
/// which it began, in hexadecimal, so that anybody can tell from the name alone which ones were abandoned.
/// </summary>
internal static partial class StageNames
{
    private const string Prefix = RemoteRefs.Namespace + "stage/";

    /// <summary>A name for a new push.</summary>
    public static string NewSession(TimeProvider time, IIds ids) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().ToUnixTimeSeconds():x8}-{(uint)ids.NextUInt64():x8}");

    /// <summary>A batch's ref.</summary>
    public static string RefOf(string cloneId, string session, int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{cloneId}/{session}/{number}");

    /// <summary>What a clone's batches match.</summary>
    public static string PatternOf(string cloneId) => $"{Prefix}{cloneId}/*";

    /// <summary>What all batches match.</summary>
    public const string AnyPattern = Prefix + "*";

    /// <summary>The batches among refs; others are left out.</summary>
    public static IReadOnlyList<StagedBatch> Among(IReadOnlyDictionary<string, string> refs)
    {
        var batches = new List<StagedBatch>();
        foreach (var (name, tree) in refs)
        {
            if (Shape().Match(name) is { Success: true } match
                && long.TryParse(match.Groups["second"].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var second)
                && int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                batches.Add(new StagedBatch(name, tree, match.Groups["clone"].Value, match.Groups["session"].Value, DateTimeOffset.FromUnixTimeSeconds(second), number));
            }
        }

        return batches;
    }

    [GeneratedRegex("^refs/posthouse/stage/(?<clone>[^/]+)/(?<session>(?<second>[0-9a-f]{8})-[0-9a-f]{8})/(?<number>[0-9]{1,9})$")]
    private static partial Regex Shape();
}
