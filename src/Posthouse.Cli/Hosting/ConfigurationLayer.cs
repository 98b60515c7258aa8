namespace Posthouse.Cli.Hosting;

/// <summary>One value as it was given, before anything is known about its key.</summary>
/// <param name="Name">The key, parts separated by colons.</param>
/// <param name="Value">The text of the value; null says that a list has no items.</param>
/// <param name="Source">Where it stands, for people: a file and line, a variable, an option.</param>
/// <param name="FromProject">Whether a project's file gave it.</param>
internal sealed record GivenValue(string Name, string? Value, string Source, bool FromProject = false);

/// <summary>Reads the two layers that are not files. A later layer goes before an earlier one.</summary>
internal static class ConfigurationLayer
{
    private const string Prefix = "POSTHOUSE__";

    /// <summary>Variables such as <c>POSTHOUSE__IVXP__PUSH__TIMEOUT</c>; two underscores stand for a colon.</summary>
    public static IEnumerable<GivenValue> FromEnvironment(IEnumerable<KeyValuePair<string, string>> variables) =>
        from variable in variables
        where variable.Key.StartsWith(Prefix, StringComparison.Ordinal)
        orderby variable.Key
        select new GivenValue(variable.Key[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal), variable.Value, "environment " + variable.Key);

    /// <summary>Options such as <c>--set Ivxp:Push:Delays:0=00:00:00</c>.</summary>
    /// <exception cref="PosthouseException"><c>OPTIONS_INVALID</c>: an option has no equals sign.</exception>
    public static IEnumerable<GivenValue> FromOptions(IEnumerable<string> sets) =>
        from set in sets
        let split = set.IndexOf('=', StringComparison.Ordinal)
        select split > 0
            ? new GivenValue(set[..split].Trim(), set[(split + 1)..], "--set")
            : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--set {set} has no value; write --set Key=Value, for example --set {ConfigurationKeys.PushTimeout}=00:00:30");
}
