using System.Globalization;
using System.Text.Json;
using Posthouse.Vcs.Projects;

namespace Posthouse.Cli.Output;

/// <summary>What <c>init</c> found and made, and what to do next.</summary>
/// <param name="Root">The project's root.</param>
/// <param name="IsNew">Whether the repository was made.</param>
/// <param name="WroteSettings">Whether the file of settings was made.</param>
/// <param name="AddedRemote">The address that was added, or null.</param>
/// <param name="HasRemote">Whether there is a remote now.</param>
/// <param name="Found">The projects in it.</param>
/// <param name="Proposed">The rules that were missing.</param>
/// <param name="Written">Whether they were added.</param>
internal sealed record InitText(
    string Root, bool IsNew, bool WroteSettings, string? AddedRemote, bool HasRemote,
    IReadOnlyList<(ProjectKind Kind, string Path)> Found, IReadOnlyList<ProposedRules> Proposed, bool Written)
{
    /// <summary>What a person does next, a command each.</summary>
    private IEnumerable<string> Next
    {
        get
        {
            if (!HasRemote) { yield return "posthouse remote add origin URL"; }
            yield return "git add -A && git commit -m \"First version\"";
            yield return "posthouse push";
            var first = Found.Count > 0 ? Found[0].Path : ".";
            yield return first == "." ? "posthouse lock acquire" : $"posthouse lock acquire {(first.Contains(' ', StringComparison.Ordinal) ? $"\"{first}\"" : first)}";
        }
    }

    public IEnumerable<string> Lines(Terminal terminal)
    {
        yield return $"{terminal.DoneMark} {(IsNew ? "Made a Git repository in" : "Using the Git repository in")} {Root}";
        foreach (var (kind, path) in Found) { yield return $"{terminal.DoneMark} {kind.Name}: {path}"; }
        yield return $"{terminal.DoneMark} .posthouse/config.json {(WroteSettings ? "holds what everybody on this project shares" : "was there and stays")}";
        foreach (var one in Proposed)
        {
            var count = string.Create(CultureInfo.InvariantCulture, $"{one.Rules.Count} rule(s)");
            if (Written)
            {
                yield return $"{terminal.DoneMark} {one.Name}: {count} added";
                continue;
            }

            yield return $"{terminal.NoteMark} {one.Name} lacks {count}; 'posthouse init --yes' adds them:";
            foreach (var rule in one.Rules) { yield return "    " + rule; }
        }

        if (AddedRemote is not null) { yield return $"{terminal.DoneMark} The remote 'origin' is {AddedRemote}"; }
        yield return "";
        yield return "Next:";
        foreach (var step in Next) { yield return "  " + step; }
    }

    /// <summary>The same for programs.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("root", Root);
        json.WriteBoolean("made_repository", IsNew);
        json.WriteBoolean("made_settings", WroteSettings);
        json.WriteString("added_remote", AddedRemote);
        json.WriteStartArray("projects");
        foreach (var (kind, path) in Found)
        {
            json.WriteStartObject();
            json.WriteString("program", kind.Name);
            json.WriteString("path", path);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("rules");
        foreach (var one in Proposed)
        {
            json.WriteStartObject();
            json.WriteString("file", one.Name);
            json.WriteBoolean("added", Written);
            json.WriteStartArray("lines");
            foreach (var rule in one.Rules) { json.WriteStringValue(rule); }
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("next");
        foreach (var step in Next) { json.WriteStringValue(step); }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
