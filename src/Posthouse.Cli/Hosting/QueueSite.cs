using System.CommandLine;
using Posthouse.Cli.Diagnostics;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Client;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Hosting;

/// <summary>What a queue verb stands on: its store, its clock, and whom it speaks to.</summary>
/// <param name="Place">The store.</param>
/// <param name="Configuration">The configuration.</param>
/// <param name="Time">The clock.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Terminal">What the far end of it can show.</param>
/// <param name="Json">Whether a program reads it.</param>
internal sealed record QueueSite(StorePlace Place, Configuration Configuration, TimeProvider Time, TextWriter Output, Terminal Terminal, bool Json)
{
    /// <summary>The verb's words.</summary>
    public required string Verb { get; init; }

    /// <summary>The verb's log, or null where none is wanted.</summary>
    private VerbLog? Log { get; init; }

    /// <summary>The folder whose project is meant, in full.</summary>
    public string Folder { get; init; } = Environment.CurrentDirectory;

    /// <summary>The one remote of the clone that is meant; null: all of them.</summary>
    private string? Remote { get; init; }

    /// <summary>Where what went wrong is told if nothing else is; null: with the rest.</summary>
    private TextWriter? Errors { get; init; }

    /// <summary>Whether each step is told.</summary>
    public bool IsVerbose { get; private init; }

    /// <summary>The words after <c>queue</c> that show all that the verb speaks of.</summary>
    public string StatusWords { get; init; } = "status";

    private Dictionary<string, string>? _projects;

    /// <summary>Shorter prefixes of ids are refused: they say too little about what the person means.</summary>
    private const int ShortestPrefix = 4;

    /// <summary>So many candidates tell a person what to add; more would hide the message.</summary>
    private const int MostCandidates = 5;

    /// <summary>The folder of a store, named by hand.</summary>
    public static readonly Option<string?> DataOption = new("--data")
    {
        Description = "The store's folder; otherwise the pocket inside a project, else the station if one is here, else the pocket",
        HelpName = "DIR",
        Recursive = true,
    };

    public static QueueSite Of(ParseResult parsed, TimeProvider time)
    {
        var configuration = CommandLine.Configuration(parsed);
        var folder = CommandLine.FolderOf(parsed);
        var station = Path.GetFullPath(configuration.Required(ConfigurationKeys.DataDirectory), folder);
        var place = StorePlace.Choose(Places.OfProcess(folder), station, parsed.GetValue(DataOption), File.Exists, (data, isStation) => StoreMark.OfVerb(configuration, data, isStation));
        var log = CommandLine.LogOf(parsed);
        log?.StoreChosen(place.Shown);
        var flags = VcsFlags.Of(parsed);
        var json = parsed.GetValue(CommandLine.Json);
        var terminal = ProjectSite.TerminalOf(flags, configuration);
        // Who wants quiet is asked nothing, either.
        return new QueueSite(place, configuration, time, flags.Quiet && !json ? TextWriter.Null : parsed.InvocationConfiguration.Output, terminal with { IsInteractive = terminal.IsInteractive && !flags.Quiet }, json)
        {
            Verb = CommandLine.Verb(parsed),
            Folder = folder,
            Remote = parsed.GetResult(VcsFlags.RemoteOption) is { Implicit: false } ? flags.Remote : null,
            Errors = flags.Quiet && !json ? parsed.InvocationConfiguration.Error : null,
            IsVerbose = flags.Verbose,
            Log = log,
        };
    }

    /// <summary>A verb of the queue to type next, in quotes: for this very store, where another is the usual one.</summary>
    public string Next(string words) => $"'posthouse queue {words}{Here}'";

    /// <summary>What a verb needs to be told to mean this very store; nothing where it is the usual one.</summary>
    public string Here => Place.Kind is StoreKind.Given ? " --data " + ResourcePath.Quoted(Place.Folder) : "";

    /// <summary>The store for looking only, or null where none is.</summary>
    public IStoreLook? Look() => Place.Look(Time);

    /// <summary>What a look says where no store is: that, and where it looked.</summary>
    public IEnumerable<string> NoStore()
    {
        yield return "There is no store here yet: nothing was ever queued.";
        yield return Place.Server is { } server ? $"Looked into {server.Shown}, which a starting server sets up." : Directory.Exists(Place.Folder)
            ? $"Looked for {StorePlace.DatabaseName} in {Place.Folder}; --data DIR names another folder."
            : $"Looked for the folder {Place.Folder}, which {(File.Exists(Place.Folder) ? "is a file" : "does not exist")}; --data DIR names another.";
    }

    /// <summary>The same, for verbs that mean something that is there.</summary>
    /// <exception cref="PosthouseException">STORE_UNAVAILABLE: there is no store.</exception>
    public IStoreLook LookInside() => Look() ?? throw new PosthouseException(ErrorCodes.StoreUnavailable,
        $"There is no store at {Place.Shown} yet, so there is nothing to change. Name another folder with --data DIR.");

    /// <summary>The store for a change. It neither dispatches nor waits for those who do.</summary>
    public SqlJobStore Open() => Place.Open(QueueSettings.Limits(Configuration), [], Time, Log?.Store(), new JobRegistry());

    /// <summary>Carries one decision out.</summary>
    public async Task<CommandAnswer> DecideAsync(JobCommand command)
    {
        await using var store = Open();
        return await store.DecideAsync(command);
    }

    /// <summary>The one job whose id begins so.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: too short or no id; JOB_NOT_FOUND: none, or several, which are then listed.</exception>
    public JobRecord Find(IRead read, string prefix)
    {
        if (!JobId.TryParse(prefix, out var id)) { JobId.Parse(prefix); }
        if (JobReads.Get(read, id) is { } exact) { return exact; }

        if (prefix.Length < ShortestPrefix)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{prefix}' is too short: give at least {ShortestPrefix} characters of the job's id.");
        }

        var near = Foremost.WithPrefix(read, prefix, MostCandidates + 1);
        return near.Count switch
        {
            0 => throw new PosthouseException(ErrorCodes.JobNotFound, $"No job's id begins with '{prefix}'. {Next("list")} shows what is here."),
            1 => JobReads.Get(read, near[0])!,
            _ => throw new PosthouseException(ErrorCodes.JobNotFound, $"Several jobs begin with '{prefix}'; give more characters:\n"
                + string.Join('\n', near.Take(MostCandidates).Select(candidate => "  " + candidate)) + (near.Count > MostCandidates ? "\n  …" : "")),
        };
    }

    /// <summary>What a job is: an operation on a project in words, any other by its type and destination.</summary>
    public string TitleOf(JobRecord job)
    {
        if (job.Name == IvxpClient.JobName && PurchaseOf(job) is { } purchase) { return QueuedPurchase.Title(purchase, job); }
        if (!job.Name.StartsWith("vcs.", StringComparison.Ordinal)) { return JobWords.Title(job); }

        _projects ??= Projects().ToDictionary(project => Project.DestinationOf(project.CloneId), project => project.Name, StringComparer.Ordinal);
        return OperationTitle.Of(job.Name, job.Payload, _projects.GetValueOrDefault(job.Destination, "an unknown project")) ?? JobWords.Title(job);
    }

    /// <summary>The purchase whose step a job is, or null.</summary>
    public Purchase? PurchaseOf(JobRecord job)
    {
        using var reader = Look();
        return reader?.Read(read => QueuedPurchase.Of(read, job));
    }

    /// <summary>Where a job stands and why, with what is known of the lock that it waits for.</summary>
    public string StateOf(JobRecord job, DateTimeOffset now) => AwaitedLock(job) is { } taken
        ? $"Waits: {taken.Owner.Named} has the lock until {Ages.Utc(taken.ExpiresAt)}; each sync looks whether it is free"
        : !IsInterrupted(job) ? JobWords.State(job, now)
        : job.Name.StartsWith("vcs.", StringComparison.Ordinal) ? "Verifying: the program that ran it was ended; the next sync looks first whether it arrived, and does it if not"
        : "Interrupted: the process that ran it was ended; the next one takes it over";

    /// <summary>Whether the process that a running job has its lease from is gone.</summary>
    public bool IsInterrupted(JobRecord job) => job is { State: JobState.Running, Instance: { } instance } && !IsAlive(instance);

    /// <summary>How many running jobs are of processes that are gone.</summary>
    /// <param name="read">A snapshot.</param>
    /// <param name="here">Whose; null: all.</param>
    public long Interrupted(IRead read, IReadOnlyList<KnownProject>? here) =>
        ProjectQueue.Running(read, here).Where(one => !IsAlive(one.Instance)).Sum(one => one.Jobs);

    private bool IsAlive(string instance) => Place.IsAlive(new InstanceId(instance), Time);

    /// <summary>A server on whatever machine that dispatches from this store's database, or null.</summary>
    public string? Elsewhere(IRead read) => Place.Server is null ? null : read.Query("SELECT id FROM instance ORDER BY started_at", row => row.Text(0)).Find(IsAlive) is { } instance
        ? $"another machine or folder, as process {instance.Split('-')[0]}"
        : null;

    /// <summary>Whether <c>queue sync</c> has work that it runs itself, or a server that does; what else is in a store named by hand its own program sends.</summary>
    public bool CanSync(IRead read) => Place.Kind is not StoreKind.Given || RunningServer.Find(Place.Folder) is not null || Elsewhere(read) is not null
        || read.Scalar("SELECT 1 FROM job WHERE state IN (0, 1) AND (name = $1 OR (name >= 'vcs.' AND name < 'vcs/')) LIMIT 1", IvxpClient.JobName) == 1;

    /// <summary>The lock of another that an acquire waits for, as it was seen last; null where none waits, or nothing is known.</summary>
    public LockRecord? AwaitedLock(JobRecord job)
    {
        if (job is not { Name: "vcs.acquire", State: JobState.Pending, Gate: Gate.Time } || OpenOperations.TryRead(job.Name, job.Payload) is not AcquireLock { WaitOnConflict: true } acquire) { return null; }

        var key = ResourceKey.Of(acquire.Resource);
        using var reader = Look();
        return reader?.Read(read => LockBook.List(read, acquire.CloneId))
            .Where(known => known is { Standing: not KnownStanding.Mine, Record.State: LockState.Held } && known.Key.Overlaps(key)).MaxBy(known => known.SeenAt)?.Record;
    }

    /// <summary>What the document says of a job beside its row: the holder of the lock that it waits for, and whether the process that ran it is gone.</summary>
    public void WriteFacts(System.Text.Json.Utf8JsonWriter json, JobRecord job)
    {
        json.WriteString("lock_holder", AwaitedLock(job)?.Owner.Shown);
        json.WriteBoolean("interrupted", IsInterrupted(job));
    }

    /// <summary>The clones that operations were queued for; those used last first.</summary>
    public IReadOnlyList<KnownProject> Projects()
    {
        using var reader = Look();
        return reader?.Read(read => VcsSchema.IsIn(read) ? ProjectBook.List(read) : []) ?? [];
    }

    /// <summary>
    /// What the store has of the clone around the folder: a project for each of its remotes that something was queued for, none where nothing
    /// was. Null where all is meant: outside of clones, in a server's store, and in one named by hand that knows nothing of the clone.
    /// </summary>
    /// <exception cref="PosthouseException">NO_REMOTE: one was named that the clone has queued nothing for.</exception>
    public async Task<IReadOnlyList<KnownProject>?> HereAsync(CancellationToken cancellationToken)
    {
        var all = await OfAllRemotesAsync(cancellationToken);
        if (Remote is null) { return all; }

        return all?.Where(project => project.Remote == Remote).ToList() is { Count: > 0 } one ? one : throw new PosthouseException(VcsErrors.NoRemote,
            $"Nothing was ever queued here for a remote '{Remote}'{(all is { Count: > 0 } ? "; something was for " + string.Join(", ", all.Select(project => project.Remote)) : "")}.");
    }

    private async Task<IReadOnlyList<KnownProject>?> OfAllRemotesAsync(CancellationToken cancellationToken)
    {
        var known = Place.Kind is StoreKind.Station ? [] : Projects();
        if (known.Count == 0 && Place.Kind is not StoreKind.Pocket) { return null; }

        try
        {
            var (_, gitFolder) = await ProjectFinder.PlaceAsync(new GitProgram(Time, new GitOptions()), Folder, cancellationToken);
            var id = CloneId.Find(gitFolder);
            var mine = known.Where(project => id is not null && project.CloneId == CloneId.At(id, project.Remote)).ToList();
            return mine.Count == 0 && Place.Kind is StoreKind.Given ? null : mine;
        }
        catch (PosthouseException)
        {
            // No clone is here, or Git cannot say: then the path does, where it is that of a clone.
            return known.Where(project => IsWithin(Folder, project.Root)).MaxBy(project => project.Root.Length) is { } here ? [here] : null;
        }
    }

    private static bool IsWithin(string folder, string root) =>
        folder == root || folder.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>How a sync ends: with 8 for as long as something is left to decide about, or a damaged store is put aside here.</summary>
    /// <param name="code">How it ends otherwise.</param>
    /// <param name="undecided">How many operations failed or are held.</param>
    public int SyncCode(int code, long undecided) => undecided > 0 || Place.PutAside.Count > 0 ? ExitCodes.PartlySynced : code;

    /// <summary>Tells of damaged stores that were put aside and not dealt with.</summary>
    public void TellPutAside()
    {
        foreach (var path in Place.PutAside)
        {
            Complain($"  {Terminal.WarningMark} {PutAsideText.Of(path)}");
            Complain("    " + PutAsideText.Hint);
        }
    }

    /// <summary>A line of the text, with what comes from strangers made harmless.</summary>
    public void Say(string line) => Output.WriteLine(TextTable.Clean(line, Terminal.Unicode));

    /// <summary>A line about what went wrong, which those who want quiet are told, too.</summary>
    public void Complain(string line) => (Errors ?? Output).WriteLine(TextTable.Clean(line, Terminal.Unicode));

    /// <summary>Says how a verb went: the store and one sentence, or one document.</summary>
    /// <param name="sentence">For people.</param>
    /// <param name="members">For programs.</param>
    /// <param name="code">The verb's exit code.</param>
    /// <returns>The exit code.</returns>
    public int Answer(string sentence, Action<System.Text.Json.Utf8JsonWriter> members, int code = ExitCodes.Done)
    {
        if (Json) { return Document("done", members, code); }

        Say(Place.Title);
        foreach (var line in sentence.Split('\n')) { Say(line); }
        return code;
    }

    /// <summary>Writes the document that every verb has; its data begins with the store.</summary>
    /// <param name="status">What became of it, in one word.</param>
    /// <param name="members">The other members of the data.</param>
    /// <param name="code">The verb's exit code.</param>
    /// <param name="exists">Whether the store is there.</param>
    /// <param name="oneLine">Whether it is one of several, each on a line of its own.</param>
    /// <returns>The exit code.</returns>
    public int Document(string status, Action<System.Text.Json.Utf8JsonWriter> members, int code = ExitCodes.Done, bool exists = true, bool oneLine = false)
    {
        Output.WriteLine(new Envelope(Verb, status, code) { Data = json => JobJson.Data(json, Place, exists, members) }.Text(oneLine));
        return code;
    }
}
