using System.CommandLine;

namespace Posthouse.Cli.Hosting;

/// <summary>A verb that deals with Ctrl+C and SIGTERM itself, for it is not its own time that they end.</summary>
internal sealed class SelfEndingCommand(string name, string description) : Command(name, description);
