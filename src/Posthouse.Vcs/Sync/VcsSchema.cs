using Posthouse.Storage;

namespace Posthouse.Vcs.Sync;

/// <summary>The room's tables.</summary>
internal static class VcsSchema
{
    /// <summary>The part as a store takes it.</summary>
    public static SchemaPart Part { get; } = new("vcs", [(Text(), Text())], ["vcs_project", "vcs_lock", "vcs_sighting", "vcs_built", "vcs_prefix", "vcs_remote"]);

    /// <summary>Whether a store that is only looked at has the tables: one that no verb of this room was run on has none.</summary>
    public static bool IsIn(IRead read) => read.Scalar("SELECT count(*) FROM schema_part WHERE name = 'vcs'") > 0;

    private static string Text()
    {
        using var stream = typeof(VcsSchema).Assembly.GetManifestResourceStream("Posthouse.Vcs.Sync.Vcs.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
