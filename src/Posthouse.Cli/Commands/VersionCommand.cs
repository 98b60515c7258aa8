using System.CommandLine;
using System.Reflection;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse version</c>: the program's version and the runtime it stands on.</summary>
internal static class VersionCommand
{
    /// <summary>The program's version.</summary>
    public static string Version => typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static Command Create()
    {
        var command = new Command("version", "Shows the version");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine($"posthouse {Version} (.NET {Environment.Version})");
            return ExitCodes.Done;
        });
        return command;
    }
}
