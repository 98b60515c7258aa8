using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>Destinations, or the whole queue, that nobody claims from until they are resumed. Kept on disk.</summary>
internal static class Pauses
{
    private const string Everything = "all";

    public static bool All(Group group) => group.Scalar("SELECT 1 FROM pause WHERE scope = $1", Everything) == 1;

    public static bool Includes(Group group, string destination) => group.Scalar("SELECT 1 FROM pause WHERE scope = $1", Scope(destination)) == 1;

    public static int Add(Group group, string? destination) =>
        group.Execute("INSERT INTO pause(scope) VALUES ($1) ON CONFLICT DO NOTHING", Scope(destination));

    public static int Remove(Group group, string? destination)
    {
        return group.Execute("DELETE FROM pause WHERE scope = $1", Scope(destination));
    }

    public static (bool All, List<string> Destinations) Read(IRead read)
    {
        var scopes = read.Query("SELECT scope FROM pause ORDER BY scope", row => row.Text(0));
        return (scopes.Contains(Everything), [.. scopes.Where(scope => scope != Everything).Select(scope => scope[3..])]);
    }

    private static string Scope(string? destination) => destination is null ? Everything : "to:" + destination;
}
