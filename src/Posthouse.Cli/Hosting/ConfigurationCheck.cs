namespace Posthouse.Cli.Hosting;

/// <summary>A value whose key is known and whose text is in its form.</summary>
/// <param name="Name">The key as the table spells it.</param>
/// <param name="Value">The text.</param>
/// <param name="Source">Where it was given.</param>
internal sealed record Setting(string Name, string Value, string Source);

/// <summary>Judges given values. Every complaint says the key, where it stands, and what to write instead.</summary>
internal static class ConfigurationCheck
{
    /// <summary>The complaint about one value, or null.</summary>
    public static string? Complaint(GivenValue given)
    {
        var isList = ConfigurationKeys.IsList(given.Name);
        if (given.Value is null or "" && isList) { return ComplaintOfProject(given, ConfigurationKeys.Under(given.Name).Any(key => !key.ProjectMaySet)); }

        if (ConfigurationKeys.Find(given.Name) is not { } key) { return $"{given.Source}: {Unknown(given.Name, isList)}"; }

        return ComplaintOfProject(given, !key.ProjectMaySet)
            ?? (given.Value is { } value && ConfigurationValue.IsValid(key.Form, value)
                ? null
                : $"{given.Source}: {ConfigurationKeys.Spell(key, given.Name)} is '{given.Value}', expected {ConfigurationValue.Expected(key.Form)}");
    }

    /// <summary>What to write instead of a key that is not in the table.</summary>
    public static string Unknown(string name, bool isList)
    {
        if (isList) { return $"{name} is a list; give its items one by one, {name}:0 first"; }

        if (ConfigurationKeys.Under(name).Select(key => key.Name).ToList() is { Count: > 0 } keys) { return $"{name} is a group of keys: {string.Join(", ", keys)}"; }

        var guess = Suggestion.For(name, ConfigurationKeys.All.Select(key => key.Name)) ?? SameEnd(name);
        return guess is null
            ? $"there is no key {name}; 'posthouse config list' shows all keys"
            : $"there is no key {name}; did you mean {guess.Replace("*", "0", StringComparison.Ordinal)}?";
    }

    private static string? ComplaintOfProject(GivenValue given, bool isRefused) =>
        given.FromProject && isRefused
            ? $"{given.Source}: a project's file may not set {given.Name}, for a project is often somebody else's; set it in your own file (see 'posthouse config path') or with --set"
            : null;

    /// <summary>A key written without its group, for example <c>RpcUrl</c>, has one candidate with that end.</summary>
    private static string? SameEnd(string name)
    {
        var last = ":" + name.Split(':')[^1];
        var same = ConfigurationKeys.All.Where(key => key.Name.EndsWith(last, StringComparison.OrdinalIgnoreCase)).ToList();
        return same.Count == 1 ? same[0].Name : null;
    }
}
