using System.CommandLine;
using System.Reflection;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse version</c>: the program's version and the runtime it stands on.</summary>
internal static class VersionCommand
{
    /// <summary>The program's version.</summary>
    public static string Version => typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static Command Create()
    {
        var command = new Command("version", "Shows the version of the program and of the .NET runtime that it stands on") { CommandLine.Json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(CommandLine.Json))
            {
                parsed.InvocationConfiguration.Output.WriteLine(new Envelope("version", "shown", ExitCodes.Done) { Data = Write }.Text());
                return ExitCodes.Done;
            }

            parsed.InvocationConfiguration.Output.WriteLine($"posthouse {Version} (.NET {Environment.Version})");
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("version", Version);
        json.WriteString("runtime", Environment.Version.ToString());
        json.WriteEndObject();
    }
}
