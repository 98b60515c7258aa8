using System.CommandLine;
using Posthouse.Cli.Hosting;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse lock</c>: who may change what, decided by the project's remote.</summary>
internal static class LockCommand
{
    public static Command Create(TimeProvider time)
    {
        var command = new Command("lock", "Takes locks on a project or its files, keeps them and gives them back")
        {
            LockAcquireCommand.Create(time),
            LockReleaseCommand.Create(time),
            LockRenewCommand.Create(time),
            LockStatusCommand.Create(time),
            LockListCommand.Create(time),
            LockBreakCommand.Create(time),
            LockHoldCommand.Create(time),
            LockHeartbeatCommand.Create(time),
        };
        VcsFlags.AddTo(command);
        return command;
    }

    /// <summary>What is locked.</summary>
    public static Argument<string?> Path() => new("PATH") { Description = "A file or folder of the project; without it the whole project", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>The lease.</summary>
    public static Option<string?> Timeout() => new("--timeout") { Description = "How long the lock lasts: 4h, 30m, or a number of hours; otherwise Locks:Timeout", HelpName = "DUR" };

    /// <summary>The tenure.</summary>
    public static Option<string?> LockId(string description) => new("--lock-id") { Description = description, HelpName = "ID" };

    /// <summary>A text for the others.</summary>
    public static Option<string?> Message(string description) => new("--message", "-m") { Description = description, HelpName = "TEXT" };
}
