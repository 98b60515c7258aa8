using Posthouse.Storage.Commit;

namespace Posthouse.Storage.Jobs;

/// <summary>Destinations, or the whole queue, that nobody claims from until they are resumed. Kept on disk.</summary>
internal static class Pauses
{
    private const string Everything = "all";

    public static bool All(Group group) => group.Scalar("SELECT 1 FROM pause WHERE scope = $1", Everything) == 1;

    public static bool Includes(Group group, string destination) => group.Scalar("SELECT 1 FROM pause WHERE scope = $1", Scope(destination)) == 1;

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

    private static string Scope(string? destination) => destination is null ? Everything : "to:" + destination;
}
