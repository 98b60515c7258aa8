using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Storage;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue</c>: looks at a store's jobs and decides about them, with or without a server running.</summary>
internal static class QueueCommand
{
    public static Command Create(TimeProvider time) => new("queue", "Looks at jobs and decides about them")
    {
        QueueSite.DataOption,
        CommandLine.Json,
        VcsFlags.ProjectOption,
        VcsFlags.RemoteOption,
        VcsFlags.QuietOption,
        VcsFlags.VerboseOption,
        VcsFlags.NoColorOption,
        VcsFlags.NoInputOption,
        QueueStatusCommand.Create(time),
        QueueListCommand.Create(time),
        QueueSyncCommand.Create(time),
        QueueShowCommand.Create(time),
        QueueRetryCommand.Create(time),
        QueueDecisionCommand.CreateCancel(time),
        QueueDecisionCommand.CreateDiscard(time),
        QueueDecisionCommand.CreateRemove(time),
        QueueClearCommand.Create(time),
        QueuePauseCommand.CreatePause(time),
        QueuePauseCommand.CreateResume(time),
        QueueTransferCommand.CreateExport(time),
        QueueTransferCommand.CreateImport(time),
    };

    /// <summary>The job a verb is about.</summary>
    public static Argument<string> Id() => new("ID") { Description = "The job's id, or the beginning of it if no other begins so: 4 characters or more" };

    /// <summary>How many jobs a verb shows at most.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: none, or more than a page.</exception>
    public static int Limit(int given) => given is >= 1 and <= JobQuery.MaxPage
        ? given
        : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--limit {given}: 1 to {JobQuery.MaxPage} is taken; 'posthouse queue list --after' reads on.");

    /// <summary>Whether the verb goes on showing.</summary>
    public static Option<bool> Watch() => new("--watch") { Description = "Goes on showing what changes, until Ctrl+C" };
}
