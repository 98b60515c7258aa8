using System.Text;

namespace Posthouse.Cli.Completions;

/// <summary>The script for PowerShell 5.1 and newer.</summary>
internal static class PowerShellCompletion
{
    public static string Script(IReadOnlyList<VerbWords> tree)
    {
        var script = new StringBuilder();
        script.Append("""
            # PowerShell completion of posthouse, made by 'posthouse completions pwsh'.
            # To use it: posthouse completions pwsh | Out-String | Invoke-Expression
            $__posthouse = @{

            """);
        foreach (var verb in tree)
        {
            script.Append($"    {Quoted(verb.Name)} = @{{\n        words = @(\n");
            var options = verb.Options.SelectMany(option => option.Names.Select(name => new Word(name, option.Meaning)));
            foreach (var word in verb.Verbs.Concat(options)) { script.Append($"            ,@({Quoted(word.Text)}, {Quoted(word.Meaning.Length > 0 ? word.Meaning : word.Text)})\n"); }
            script.Append("        )\n        values = @{\n");
            foreach (var option in verb.Options.Where(option => option.TakesValue))
            {
                foreach (var name in option.Names) { script.Append($"            {Quoted(name)} = @({string.Join(", ", option.Values.Select(Quoted))})\n"); }
            }

            script.Append("        }\n    }\n");
        }

        return script.Append("""
            }
            Register-ArgumentCompleter -Native -CommandName posthouse -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $path = ''
                $last = ''
                $before = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
                foreach ($word in $before) {
                    if ($__posthouse[$path].values.ContainsKey($last)) { $last = ''; continue }
                    $last = $word
                    $next = "$path $word".Trim()
                    if ($__posthouse.ContainsKey($next)) { $path = $next }
                }
                if ($__posthouse[$path].values.ContainsKey($last)) {
                    $__posthouse[$path].values[$last] | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
                    return
                }
                $__posthouse[$path].words | Where-Object { $_[0] -like "$wordToComplete*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
                }
            }

            """).ToString();
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
