using System.Text;

namespace Posthouse.Cli.Completions;

/// <summary>The script for bash 3.2 and newer, which macOS has.</summary>
internal static class BashCompletion
{
    public static string Script(IReadOnlyList<VerbWords> tree)
    {
        var script = new StringBuilder();
        script.Append("""
            # bash completion of posthouse, made by 'posthouse completions bash'. To use it: source <(posthouse completions bash)
            _posthouse() {
                local word last= path= i words=
                for ((i = 1; i < COMP_CWORD; i++)); do
                    word=${COMP_WORDS[i]}
                    case "$path|$last" in

            """);
        foreach (var verb in tree.Where(verb => verb.Options.Any(option => option.TakesValue)))
        {
            script.Append($"            {CasePatterns.Of(verb, verb.Options.Where(option => option.TakesValue))}) last=; continue ;;\n");
        }

        script.Append("""
                    esac
                    last=$word
                    case "$path $word" in

            """);
        script.Append($"            {CasePatterns.Of(tree.Skip(1))}) path=\"${{path:+$path }}$word\" ;;\n");
        script.Append("""
                    esac
                done
                case "$path|$last" in

            """);
        foreach (var verb in tree)
        {
            foreach (var option in verb.Options.Where(option => option.TakesValue))
            {
                script.Append($"        {CasePatterns.Of(verb, [option])}) words='{string.Join(' ', option.Values)}' ;;\n");
            }

            script.Append($"        \"{verb.Name}|\"*) words='{string.Join(' ', verb.Verbs.Select(word => word.Text).Concat(verb.Options.SelectMany(option => option.Names)))}' ;;\n");
        }

        return script.Append("""
                esac
                COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _posthouse posthouse

            """).ToString();
    }
}
