using System.CommandLine;
using System.CommandLine.Help;
using Posthouse.Cli.Commands;
using Posthouse.Cli.Hosting;

namespace Posthouse.Cli;

/// <summary>The command tree and nothing else. A verb is one file of <c>Commands</c> with one method <c>Create</c>.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments) => CommandLine.RunAsync(CreateRoot(), arguments);

    /// <summary>Not a RootCommand, for that takes its name from the file, and the file may not be called posthouse.</summary>
    internal static Command CreateRoot() => new("posthouse", "Work that waits until the road opens")
    {
        new HelpOption(),
        CommandLine.Set,
        ConfigCommand.Create(),
        VersionCommand.Create(),
    };
}
