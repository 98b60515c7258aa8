using System.CommandLine;
using Posthouse.Cli.Completions;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse completions SHELL</c>: the script that lets a shell finish words.</summary>
internal static class CompletionsCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command("completions", "Prints the script that lets a shell finish words") { shell };
        command.SetAction(parsed =>
        {
            var tree = VerbWords.Of(parsed.RootCommandResult.Command);
            parsed.InvocationConfiguration.Output.Write(parsed.GetRequiredValue(shell) switch
            {
                "bash" => BashCompletion.Script(tree),
                "zsh" => ZshCompletion.Script(tree),
                "fish" => FishCompletion.Script(tree),
                _ => PowerShellCompletion.Script(tree),
            });
            return ExitCodes.Done;
        });
        return command;
    }
}
