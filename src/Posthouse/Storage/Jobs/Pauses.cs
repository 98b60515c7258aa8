using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>Destinations, or the whole queue, that nobody claims from until they are resumed. Kept on disk.</summary>
internal static class Pauses
{
    private const string Everything = "all";

    /// <summary>For a statement that also asks something else: 1 while everything is paused, else NULL.</summary>
    public const string IsAll = "(SELECT 1 FROM pause WHERE scope = 'all')";

    /// <summary>For a statement over destinations: 1 for a paused one, else NULL.</summary>
    public const string IsDestination = "(SELECT 1 FROM pause WHERE scope = 'to:' || destination)";

    public static CommandAnswer Add(Group group, string? destination)
    {
        group.Execute("INSERT INTO pause(scope) VALUES ($1) ON CONFLICT DO NOTHING", Scope(destination));
        return new CommandAnswer(0);
    }

    public static CommandAnswer Remove(Group group, string? destination)
    {
        group.Execute("DELETE FROM pause WHERE scope = $1", Scope(destination));
        return new CommandAnswer(0);
    }

    public static (bool All, List<string> Destinations) Read(IRead read)
    {
        var scopes = read.Query("SELECT scope FROM pause ORDER BY scope", row => row.Text(0));
        return (scopes.Contains(Everything), [.. scopes.Where(scope => scope != Everything).Select(scope => scope[3..])]);
    }

    /// <summary>The names under which a destination is paused or has jobs, however a person wrote it; as it was given, where it has neither.</summary>
    public static List<string> Stored(IRead read, string given)
    {
        var encoded = KeyText.Of($"{given}");
        string[] spellings = [given, encoded, Destinations.Scheduled(given), Destinations.Scheduled(encoded)];
        var paused = Read(read).Destinations;
        var known = spellings.Distinct().Where(name => paused.Contains(name) || read.Scalar("SELECT count(*) FROM (SELECT 1 FROM job WHERE destination = $1 LIMIT 1)", name) > 0).ToList();
        return known.Count > 0 ? known : [given];
    }

    private static string Scope(string? destination) => destination is null ? Everything : "to:" + destination;
}
