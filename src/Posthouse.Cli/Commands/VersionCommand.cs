using System.CommandLine;
using System.Reflection;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse version</c>: the program's version and the runtime it stands on.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Shows the version");
        command.SetAction(parsed =>
        {
            var version = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
            parsed.InvocationConfiguration.Output.WriteLine($"posthouse {version.Split('+')[0]} (.NET {Environment.Version})");
            return ExitCodes.Done;
        });
        return command;
    }
}
