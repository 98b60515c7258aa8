using System.CommandLine;
using System.CommandLine.Help;
using Posthouse.Cli.Commands;
using Posthouse.Cli.Diagnostics;
using Posthouse.Cli.Hosting;

namespace Posthouse.Cli;

/// <summary>The command tree and nothing else. A verb is one file of <c>Commands</c> with one method <c>Create</c>.</summary>
internal static class Program
{
#pragma warning disable RS0030 // The composition root names the system's clock.
    private static Task<int> Main(string[] arguments)
    {
        TerminalModes.Leave();
        return CommandLine.RunAsync(CreateRoot(TimeProvider.System), arguments, log: (error, isVerbose) => VerbLog.OfProcess(error, isVerbose, TimeProvider.System), signals: TimeProvider.System);
    }
#pragma warning restore RS0030

    /// <summary>Not a RootCommand, for that takes its name from the file, and the file may not be called posthouse.</summary>
    internal static Command CreateRoot(TimeProvider time) => new("posthouse", "Work that waits until the road opens. To begin: 'posthouse serve --dev', and 'posthouse order catalog' beside it; inside a clone: 'posthouse init'")
    {
        new HelpOption(),
        CommandLine.Folder,
        CommandLine.Set,
        AuthCommand.Create(time),
        BackupCommand.CreateBackup(time),
        CommentCommand.Create(time),
        CompletionsCommand.Create(),
        ConfigCommand.Create(),
        DemoCommand.Create(time),
        DoctorCommand.Create(time),
        HistoryCommand.Create(time),
        InitCommand.Create(time),
        LockCommand.Create(time),
        McpCommand.Create(time),
        MeshCommand.Create(time),
        OrderCommand.Create(time),
        PricesCommand.Create(time),
        PullCommand.Create(time),
        PushCommand.Create(time),
        QueueCommand.Create(time),
        ReceiptCommand.Create(),
        RemoteCommand.Create(time),
        BackupCommand.CreateRestore(time),
        ServeCommand.Create(time),
        ServerCommand.Create(),
        StoreCommand.Create(time),
        VersionCommand.Create(),
        WalletCommand.Create(),
    };
}
