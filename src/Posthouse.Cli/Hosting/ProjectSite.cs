using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Comments;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Hosting;

/// <summary>What a verb about locks and branches stands on: the project it is run in, its remote, the person's pocket, and whom it tells.</summary>
internal sealed class ProjectSite : IAsyncDisposable
{
    /// <summary>How long a remote that was away a moment ago is looked for: a connection's first packet is sent again after 1 s (RFC 6298).</summary>
    private static readonly TimeSpan _againWithin = TimeSpan.FromSeconds(2);

    /// <summary>Longer than a remote that is there lets wait for its first answer, as a rule.</summary>
    private static readonly TimeSpan _doubtAfter = TimeSpan.FromSeconds(2);

    private readonly ServiceProvider _services;
    private readonly Workplace _workplace;

    /// <summary>Whole milliseconds, as the store keeps the times of its looks.</summary>
    private readonly DateTimeOffset _opened;
    private readonly long _began;
    private readonly CancellationTokenSource _deadline;
    private bool _saidLimits;

    private ProjectSite(ParseResult parsed, VcsFlags flags, Configuration configuration, StorePlace place, ServiceProvider services, Workplace workplace, TimeProvider time)
    {
        (_services, _workplace, _began) = (services, workplace, time.GetTimestamp());
        _deadline = new CancellationTokenSource(flags.Deadline ?? Timeout.InfiniteTimeSpan, time);
        _opened = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        (Flags, Configuration, Place, Time) = (flags, configuration, place, time);
        Output = parsed.InvocationConfiguration.Output;
        Error = parsed.InvocationConfiguration.Error;
        Terminal = TerminalOf(flags, configuration);
    }

    /// <summary>The options that every such verb takes.</summary>
    public VcsFlags Flags { get; private set; }

    /// <summary>The configuration as it is in the project.</summary>
    public Configuration Configuration { get; }

    /// <summary>The person's pocket.</summary>
    public StorePlace Place { get; }

    public TimeProvider Time { get; }

    /// <summary>Standard output: the answer.</summary>
    public TextWriter Output { get; }

    /// <summary>Standard error: what happens on the way to it.</summary>
    public TextWriter Error { get; }

    public Terminal Terminal { get; }

    public Project Project => _workplace.Project;

    /// <summary>As whom this clone writes records.</summary>
    public LockOwner Me => _workplace.Me;

    public IGit Git => _workplace.Git;

    public ILockStore Locks => _workplace.Locks;

    public IVcsRemote Remote => _workplace.Remote;

    /// <summary>Who may take what when, over <see cref="Locks"/>.</summary>
    public LockPolicy Policy => _workplace.Policy;

    public CommentBook Comments => _workplace.Comments;

    /// <summary>What was last known of this person's locks.</summary>
    public LockBook Book => _services.GetRequiredService<LockBook>();

    /// <summary>How far running transfers are.</summary>
    public TransferFeed Feed => _services.GetRequiredService<TransferFeed>();

    /// <summary>The remote's address as it may be shown.</summary>
    public string Address => RemoteHealth.Shown(Project.PushUrl);

    /// <summary>Everything the pocket has, this room in it.</summary>
    public IServiceProvider Services => _services;

    /// <summary>The pocket, with this room's tables.</summary>
    public IStore Store => _services.GetRequiredService<IStore>();

    /// <summary>The same pocket's jobs.</summary>
    public IJobStore Jobs => _services.GetRequiredService<IJobStore>();

    /// <summary>Finds the project and opens the pocket; nothing runs and nothing is asked of the remote yet.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="own">Keys that the verb's own options set.</param>
    /// <exception cref="PosthouseException">NOT_A_PROJECT, NO_REMOTE, REMOTE_UNSUPPORTED, GIT_MISSING, OPTIONS_INVALID, or the store's codes.</exception>
    public static Task<ProjectSite> OpenAsync(ParseResult parsed, TimeProvider time, CancellationToken cancellationToken, params IEnumerable<GivenValue> own) =>
        OpenAsync(parsed, time, null, null, own, cancellationToken);

    /// <summary>The same, with services that go before the usual ones, and a pocket elsewhere.</summary>
    internal static async Task<ProjectSite> OpenAsync(
        ParseResult parsed, TimeProvider time, Action<IServiceCollection>? services, string? pocket, IEnumerable<GivenValue> own, CancellationToken cancellationToken)
    {
        var flags = VcsFlags.Of(parsed);
        var places = Places.OfProcess(flags.Folder);
        var configuration = Configuration.Load(places, [], parsed.GetValue(CommandLine.Set) ?? [], own);
        var log = CommandLine.LogOf(parsed);
        log?.Configured(configuration);
        var place = new StorePlace(StoreKind.Pocket, pocket ?? places.Pocket);
        log?.StoreChosen(place.Database);
        place.Prepare();
        var container = VcsPocket.Container(place, configuration, time, services);
        try
        {
            var workplace = await container.GetRequiredService<IWorkplaces>().HereAsync(flags.Folder, flags.Remote, cancellationToken);
            // Said before anything is queued that could never be done.
            if (IsAboutLocks(parsed) && workplace.Locks is NoLocks) { throw new VcsException(NoLocks.Failure); }
            return new ProjectSite(parsed, flags, configuration, place, container, workplace, time);
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Makes the operation durable and runs the queue of this project until it ends or the budget is spent. Says each failed try, and
    /// why it failed for good, on standard error; and on standard output, where a person reads, that it was queued. What was done is
    /// the verb's to say. Of what ended Failed or Conflict nothing stays in the queue.
    /// </summary>
    /// <param name="operation">What is wanted; its clone is this one.</param>
    /// <param name="budget">What is spent on it.</param>
    /// <param name="cancellationToken">Ctrl+C: the operation stays queued.</param>
    /// <exception cref="PosthouseException">It could not be made durable: nothing was done, and nothing will be.</exception>
    public Task<OperationEnd> PerformAsync<TJob>(TJob operation, ForegroundBudget budget, CancellationToken cancellationToken)
        where TJob : IJob<OperationResult>, IOperation => new Performance(this, operation, budget).RunAsync(
            () => _services.GetRequiredService<OperationQueue>().EnqueueAsync(Project, operation, mayStay: !Flags.NoQueue), cancellationToken);

    /// <summary>What is left of the time that <c>--deadline</c> gives the whole verb; null: no end was given.</summary>
    public TimeSpan? Left => Flags.Deadline - Time.GetElapsedTime(_began);

    /// <summary>Whether that time is over.</summary>
    public bool IsOverdue => _deadline.IsCancellationRequested;

    /// <summary>Runs a verb, or what of it talks to the remote, until <c>--deadline</c>.</summary>
    /// <exception cref="VcsException">NETWORK_UNAVAILABLE: the time was over before anything was kept that could go on later.</exception>
    public async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, cancellationToken);
        try
        {
            return await run(ends.Token);
        }
        catch (OperationCanceledException) when (IsOverdue && !cancellationToken.IsCancellationRequested)
        {
            throw new VcsException(new RemoteFailure(FailureCategory.Network, "The remote did not answer in the time that --deadline gives."));
        }
    }

    /// <summary>
    /// Sends what this project has pending, and renews the locks that are about to end if that is configured, before a verb that needs
    /// the remote, within small budgets. Never fails: what it could not do is a warning on standard error.
    /// </summary>
    /// <param name="cancellationToken">Ctrl+C, or the deadline.</param>
    /// <param name="keepsLocks">Whether locks are renewed; a verb that ends or moves a lease itself says no.</param>
    /// <param name="leavesPushes">Whether pushes stay where they are, because the verb decides about them.</param>
    public async Task SyncFirstAsync(CancellationToken cancellationToken, bool keepsLocks = true, bool leavesPushes = false)
    {
        try
        {
            await new AutoSync(this).RunAsync(leavesPushes, cancellationToken);
            if (keepsLocks) { await new AutoRenew(this).RunAsync(cancellationToken); }
        }
        catch (OperationCanceledException) when (IsOverdue)
        {
            // What the verb itself wants is made durable all the same, and it says what became of it.
        }
    }

    /// <summary>
    /// Whether the remote can be reached: found out within the last seconds, or by a probe now. Where an earlier verb did not reach it,
    /// this one looks for itself, if only briefly. A folder is looked at each time, which costs nothing.
    /// </summary>
    public async Task<Reachability> ReachAsync(CancellationToken cancellationToken)
    {
        var within = Configuration.Duration(ConfigurationKeys.NetworkProbeTimeout);
        var isFolder = RemotePlace.Of(Project.PushUrl, Project.Root)?.Kind is PlaceKind.Folder;
        try
        {
            return await _services.GetRequiredService<RemoteHealth>().FindAsync(Address, isFolder ? TimeSpan.Zero : Configuration.Duration(ConfigurationKeys.NetworkProbeInterval), _opened,
                wasAway => Remote.ProbeAsync(wasAway && within > _againWithin ? _againWithin : within, cancellationToken));
        }
        catch (OperationCanceledException) when (IsOverdue)
        {
            return Reachability.Offline; // Nothing was found out, and there is no time to try it.
        }
    }

    /// <summary>
    /// Ends what talks to the remote where that has fallen silent. What an earlier verb reached may be silent now, and Git waits for it
    /// as long as for a slow one. So where nothing is heard for a moment, it is looked for; where that waits in vain, too, nobody waits
    /// any more. A line that is plainly down Git finds out by itself.
    /// </summary>
    /// <param name="talk">What is cancelled.</param>
    /// <param name="isHeard">Whether something came.</param>
    /// <param name="cancellationToken">Ends the doubt.</param>
    public async Task DoubtAsync(CancellationTokenSource talk, Func<bool> isHeard, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(_doubtAfter, Time, cancellationToken);
            if (isHeard() || !await RemoteReach.IsSilentAsync(Remote, Configuration.Duration(ConfigurationKeys.NetworkProbeTimeout), Time, cancellationToken) || isHeard()) { return; }

            await _services.GetRequiredService<RemoteHealth>().ProbedAsync(Address, Reachability.Offline);
            talk.Cancel();
        }
        catch (Exception e) when (e is OperationCanceledException or PosthouseException)
        {
            // It ended in time, or what was found could not be kept: then the deadline counts.
        }
    }

    /// <summary>What is known of the remote.</summary>
    public Task<RemoteState> RemoteStateAsync() => _services.GetRequiredService<RemoteHealth>().ReadAsync(Address);

    /// <summary>From now on nothing stays queued: the verb makes sense only while somebody waits for it.</summary>
    public void QueueNothing() => Flags = Flags with { NoQueue = true };

    /// <summary>From now on what cannot be done stays queued again.</summary>
    public void QueueAgain() => Flags = Flags with { NoQueue = false };

    /// <summary>A line for people on standard output, with what comes from strangers made harmless; nothing where a program reads, or where quiet was asked for.</summary>
    public void Say(string line)
    {
        if (!Flags.Json && !Flags.Quiet) { Output.WriteLine(TextTable.Clean(line, Terminal.Unicode)); }
    }

    /// <summary>A line on standard error, unless quiet was asked for.</summary>
    public void Tell(string line)
    {
        if (!Flags.Quiet) { Error.WriteLine(TextTable.Clean(line, Terminal.Unicode)); }
    }

    /// <summary>A line on standard error about what went wrong: it is told to those who want quiet, too.</summary>
    public void Complain(string line) => Error.WriteLine(TextTable.Clean(line, Terminal.Unicode));

    /// <summary>What the place of this project's locks cannot do, once in a verb.</summary>
    public IReadOnlyList<string> Limits()
    {
        if (_saidLimits) { return []; }

        _saidLimits = true;
        return [.. LockLimits.Of(Locks.Capabilities)];
    }

    /// <summary>What this verb found out about the place of the locks, or null; it is told once and then remembered.</summary>
    public string? TakeNews() => _services.GetRequiredService<LockPrefixes>().TakeNews();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _deadline.Dispose();
    }

    /// <summary>Whether the verb is one of <c>lock</c>.</summary>
    public static bool IsAboutLocks(ParseResult parsed) => CommandLine.Verb(parsed).StartsWith("lock ", StringComparison.Ordinal);

    /// <summary>What the far end can show, and is to be shown.</summary>
    public static Terminal TerminalOf(VcsFlags flags, Configuration configuration)
    {
        var terminal = Terminal.OfProcess();
        return terminal with
        {
            Colour = terminal.Colour && !flags.NoColor,
            Emoji = terminal.Emoji && configuration.IsOn(ConfigurationKeys.UiEmoji),
            ShowsProgress = terminal.ShowsProgress && !flags.Quiet && configuration.IsOn(ConfigurationKeys.UiProgress),
            IsInteractive = terminal.IsInteractive && !flags.NoInput && !flags.Json,
        };
    }
}
