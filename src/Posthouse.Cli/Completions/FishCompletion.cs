using System.Text;

namespace Posthouse.Cli.Completions;

/// <summary>The script for fish 3.</summary>
internal static class FishCompletion
{
    public static string Script(IReadOnlyList<VerbWords> tree)
    {
        var script = new StringBuilder();
        script.Append("# fish completion of posthouse, made by 'posthouse completions fish'. To use it: posthouse completions fish | source\n");
        script.Append("function __posthouse_at\n    set -l path\n    set -l last\n    for word in (commandline -opc)[2..-1]\n        switch \"$path|$last\"\n");
        foreach (var verb in tree.Where(verb => verb.Options.Any(option => option.TakesValue)))
        {
            script.Append($"            case {string.Join(' ', verb.Options.Where(option => option.TakesValue).SelectMany(option => option.Names).Select(name => $"'{verb.Name}|{name}'"))}\n                set last\n                continue\n");
        }

        script.Append("        end\n        set last $word\n        switch \"$path $word\"\n");
        script.Append($"            case {string.Join(' ', tree.Skip(1).Select(verb => $"'{(verb.Path.Count == 1 ? " " : "")}{verb.Name}'"))}\n");
        script.Append("                set path (string trim \"$path $word\")\n        end\n    end\n    test \"$path\" = \"$argv[1]\"\nend\n");
        script.Append("complete -c posthouse -e\n");
        foreach (var verb in tree)
        {
            var here = $"complete -c posthouse -n '__posthouse_at \"{verb.Name}\"'";
            foreach (var word in verb.Verbs) { script.Append($"{here} -f -a {Quoted(word.Text)} -d {Quoted(word.Meaning)}\n"); }
            foreach (var option in verb.Options)
            {
                var names = option.Names.Select(name => name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : $"-s {name[1..]}");
                var value = !option.TakesValue ? "" : option.Values.Count > 0 ? $" -x -a {Quoted(string.Join(' ', option.Values))}" : " -r";
                script.Append($"{here} {string.Join(' ', names)}{value} -d {Quoted(option.Meaning)}\n");
            }
        }

        return script.ToString();
    }

    private static string Quoted(string text) => "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";
}
