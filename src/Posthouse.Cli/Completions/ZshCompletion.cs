using System.Text;

namespace Posthouse.Cli.Completions;

/// <summary>The script for zsh 5.</summary>
internal static class ZshCompletion
{
    public static string Script(IReadOnlyList<VerbWords> tree)
    {
        var script = new StringBuilder();
        script.Append("""
            #compdef posthouse
            # zsh completion of posthouse, made by 'posthouse completions zsh'. To use it: save it as _posthouse in a folder of $fpath,
            # or say: source <(posthouse completions zsh)
            _posthouse() {
                local word last= where=
                local -a offers
                for word in "${(@)words[2,CURRENT-1]}"; do
                    case "$where|$last" in

            """);
        foreach (var verb in tree.Where(verb => verb.Options.Any(option => option.TakesValue)))
        {
            script.Append($"            {CasePatterns.Of(verb, verb.Options.Where(option => option.TakesValue))}) last=; continue ;;\n");
        }

        script.Append("""
                    esac
                    last=$word
                    case "$where $word" in

            """);
        script.Append($"            {CasePatterns.Of(tree.Skip(1))}) where=\"${{where:+$where }}$word\" ;;\n");
        script.Append("""
                    esac
                done
                case "$where|$last" in

            """);
        foreach (var verb in tree)
        {
            foreach (var option in verb.Options.Where(option => option.TakesValue))
            {
                var action = option.Values.Count == 0 ? "_files; return" : $"offers=({string.Join(' ', option.Values.Select(value => Quoted(value, "")))})";
                script.Append($"        {CasePatterns.Of(verb, [option])}) {action} ;;\n");
            }

            script.Append($"        \"{verb.Name}|\"*) offers=(\n");
            foreach (var word in verb.Verbs) { script.Append($"            {Quoted(word.Text, word.Meaning)}\n"); }
            foreach (var option in verb.Options)
            {
                foreach (var name in option.Names) { script.Append($"            {Quoted(name, option.Meaning)}\n"); }
            }

            script.Append("        ) ;;\n");
        }

        return script.Append("""
                esac
                _describe 'posthouse' offers || _files
            }
            if [[ "${funcstack[1]}" == _posthouse ]]; then _posthouse "$@"; else compdef _posthouse posthouse; fi

            """).ToString();
    }

    /// <summary>A word and its meaning as <c>_describe</c> reads them.</summary>
    private static string Quoted(string word, string meaning)
    {
        var text = word.Replace(":", "\\:", StringComparison.Ordinal) + (meaning.Length > 0 ? ":" + meaning : "");
        return "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }
}
