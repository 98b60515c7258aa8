namespace Posthouse.Cli.Completions;

/// <summary>Patterns of a shell's <c>case</c>, as bash and zsh both read them.</summary>
internal static class CasePatterns
{
    /// <summary>A verb and the word behind it, where that is one of these options.</summary>
    public static string Of(VerbWords verb, IEnumerable<OptionWords> options) =>
        string.Join(" | ", options.SelectMany(option => option.Names).Select(name => $"\"{verb.Name}|{name}\""));

    /// <summary>A verb's words with a space between what was there and the last; the first word has nothing before it.</summary>
    public static string Of(IEnumerable<VerbWords> verbs) =>
        string.Join(" | ", verbs.Select(verb => $"\"{(verb.Path.Count == 1 ? " " : "")}{verb.Name}\""));
}
