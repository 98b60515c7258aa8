using System.CommandLine;

namespace Posthouse.Cli.Hosting;

/// <summary>What every verb about locks and branches takes. Put <see cref="AddTo"/> on a verb or on the group above it.</summary>
internal sealed record VcsFlags
{
    public static readonly Option<bool> JsonOption = new("--json") { Description = "Writes one JSON document", Recursive = true };

    public static readonly Option<bool> QuietOption = new("--quiet", "-q") { Description = "Tells only what went wrong", Recursive = true };

    public static readonly Option<bool> VerboseOption = new("--verbose", "-v") { Description = "Tells each step", Recursive = true };

    public static readonly Option<bool> NoColorOption = new("--no-color") { Description = "Writes no colours", Recursive = true };

    public static readonly Option<bool> NoInputOption = new("--no-input") { Description = "Asks nothing; what would be asked is an error", Recursive = true };

    public static readonly Option<string?> ProjectOption = new("--project", "-C") { Description = "The project's folder, or one inside it; otherwise the working folder", HelpName = "DIR", Recursive = true };

    public static readonly Option<string> RemoteOption = new("--remote") { Description = "The remote", HelpName = "NAME", DefaultValueFactory = _ => "origin", Recursive = true };

    public static readonly Option<string?> DeadlineOption = new("--deadline") { Description = "The longest the verb may try, such as 30s or 5m; then the operation stays queued", HelpName = "DUR", Recursive = true };

    public static readonly Option<bool> NoSyncOption = new("--no-sync") { Description = "Leaves what is pending in the queue alone", Recursive = true };

    public static readonly Option<bool> NoQueueOption = new("--no-queue") { Description = "Fails where the operation would otherwise be queued", Recursive = true };

    public static readonly Option<bool> QueueOption = new("--queue") { Description = "Queues also for a remote that was never reached before", Recursive = true };

    public static readonly Option<bool> OfflineOption = new("--offline") { Description = "Queues without trying", Recursive = true };

    public static readonly Option<bool> QueuedOkOption = new("--queued-ok") { Description = "Exits with 0 where the operation was queued", Recursive = true };

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<Option> All =
    [
        JsonOption, QuietOption, VerboseOption, NoColorOption, NoInputOption, ProjectOption, RemoteOption, DeadlineOption,
        NoSyncOption, NoQueueOption, QueueOption, OfflineOption, QueuedOkOption,
    ];

    public required bool Json { get; init; }

    public required bool Quiet { get; init; }

    public required bool Verbose { get; init; }

    public required bool NoColor { get; init; }

    public required bool NoInput { get; init; }

    /// <summary>Where the project is looked for, in full.</summary>
    public required string Folder { get; init; }

    public required string Remote { get; init; }

    public required TimeSpan? Deadline { get; init; }

    public required bool NoSync { get; init; }

    public required bool NoQueue { get; init; }

    public required bool Queue { get; init; }

    public required bool Offline { get; init; }

    public required bool QueuedOk { get; init; }

    /// <summary>Gives a command all of them, except those it has by itself.</summary>
    public static void AddTo(Command command)
    {
        foreach (var option in All.Where(option => command.Options.All(own => own.Name != option.Name))) { command.Options.Add(option); }
    }

    /// <summary>Reads them. A verb that was not given one of them has its default.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: two that exclude each other, or a duration that is none.</exception>
    public static VcsFlags Of(ParseResult parsed)
    {
        var flags = new VcsFlags
        {
            Json = parsed.GetValue(JsonOption),
            Quiet = parsed.GetValue(QuietOption),
            Verbose = parsed.GetValue(VerboseOption),
            NoColor = parsed.GetValue(NoColorOption),
            NoInput = parsed.GetValue(NoInputOption),
            Folder = Path.GetFullPath(parsed.GetValue(ProjectOption) ?? Environment.CurrentDirectory),
            Remote = parsed.GetValue(RemoteOption) ?? "origin",
            Deadline = parsed.GetValue(DeadlineOption) is { } text ? DurationText.Parse("--deadline", text) : null,
            NoSync = parsed.GetValue(NoSyncOption),
            NoQueue = parsed.GetValue(NoQueueOption),
            Queue = parsed.GetValue(QueueOption),
            Offline = parsed.GetValue(OfflineOption),
            QueuedOk = parsed.GetValue(QueuedOkOption),
        };
        return flags.NoQueue && (flags.Offline || flags.Queue)
            ? throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--no-queue and {(flags.Offline ? "--offline" : "--queue")} exclude each other: say one of them.")
            : flags;
    }
}
