using System.CommandLine;
using Posthouse.Cli.Output;
using Posthouse.Vcs.Server;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse server hook print</c>: what a Git repository of one's own needs to make locks mandatory.</summary>
internal static class ServerCommand
{
    public static Command Create() => new("server", "Helps to run a Git repository of your own")
    {
        new Command("hook", "The hook that makes locks mandatory") { CreatePrint() },
    };

    private static Command CreatePrint()
    {
        var branchRules = new Option<bool>("--branch-rules") { Description = "A lock binds only the branch on which it was taken, not all" };
        var command = new Command("print", "Prints the hook; save it as hooks/pre-receive of the bare repository and make it executable") { branchRules };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(LockHook.Script(parsed.GetValue(branchRules)));
            return ExitCodes.Done;
        });
        return command;
    }
}
