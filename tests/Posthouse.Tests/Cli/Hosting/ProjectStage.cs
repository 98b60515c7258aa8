using System.Buffers.Binary;
using System.CommandLine;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Hosting;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.Connectivity;
using Posthouse.Tests.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Comments;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;
using Shouldly;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>A project without Git and network: its remote answers as the test says, its pocket is a real store.</summary>
internal sealed class ProjectStage : IDisposable, IGit, IWorkplaces, ILockStore, IVcsRemote, ISightings
{
    public const string Clone = "00c0ffee00c0ffee";

    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly Dictionary<ResourceKey, LockSnapshot> _registers = [];

    public ProjectStage() => Me = new LockOwner("John", "john@example.org", "john", "laptop", "machine", Clone);

    public LockOwner Me { get; }

    public string Pocket => _folder.File("pocket");

    /// <summary>What the remote answers to exchanges, one after another; then it works.</summary>
    public Queue<RemoteFailure> Failures { get; } = new();

    /// <summary>What it answers to pushes, one after another; then it works.</summary>
    public Queue<RemoteFailure> PushFailures { get; } = new();

    /// <summary>What happens while a push is staged; null: none is.</summary>
    public Action? WhileStaging { get; set; }

    /// <summary>Renewals that were made to go out with pushes.</summary>
    public List<LockRecord> Guards { get; } = [];

    /// <summary>Whether the remote lets everybody wait for an answer.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Whether the remote can be reached.</summary>
    public Reachability Reach { get; set; } = Reachability.Online;

    /// <summary>Looks whether the remote can be reached, with the time that each was given.</summary>
    public List<TimeSpan> Probes { get; } = [];

    /// <summary>Whether the clone knows branches of its remote.</summary>
    public bool WasFetched { get; set; } = true;

    /// <summary>What Git answers, where it is not as usual.</summary>
    public Func<GitCall, GitResult?>? Git { get; set; }

    /// <summary>Where the remote's branch was before it was pushed to.</summary>
    public string? Before { get; set; }

    /// <summary>Pushed commits in order.</summary>
    public List<PushRequest> Pushed { get; } = [];

    /// <summary>Exchanges with the lock store in order.</summary>
    public List<string> Exchanges { get; } = [];

    public StringWriter Output { get; } = new() { NewLine = "\n" };

    public StringWriter Error { get; } = new() { NewLine = "\n" };

    public LockCapabilities Capabilities => LockCapabilities.AtomicCas | LockCapabilities.Expiry | LockCapabilities.Paths | LockCapabilities.Renewal;

    public Project Project => new(_folder.Path, _folder.File(".git"), Clone, "origin", "https://ann:secret@example.org/band/song.git");

    public async Task<ProjectSite> OpenAsync(string[] words, string initialBackoff = "00:00:00.001", double fraction = 0.999_999)
    {
        var verb = new Command("verb");
        VcsFlags.AddTo(verb);
        verb.Options.Add(CommandLine.Set);
        var parsed = verb.Parse([.. words, "-C", _folder.Path, "--set", "Network:InitialBackoff=" + initialBackoff]);
        parsed.Errors.ShouldBeEmpty();
        parsed.InvocationConfiguration.Output = Output;
        parsed.InvocationConfiguration.Error = Error;
        return await ProjectSite.OpenAsync(parsed, TimeProvider.System, services =>
        {
            services.AddSingleton<IWorkplaces>(this);
            services.AddSingleton<IIds>(new NumberedIds(fraction));
        }, Pocket, [], CancellationToken.None);
    }

    public static AcquireLock Acquire(string path = "song.logicx", bool waits = false) => new(Clone, path, 4 * 3_600, WaitOnConflict: waits);

    public static ReleaseLock Release(string path = "song.logicx") => new(Clone, path);

    public static PushCommits Push() => new(Clone, "main", new string('1', 40));

    /// <summary>A lock and a push are queued while the remote is away.</summary>
    public async Task QueueLockAndPushAsync()
    {
        Reach = Reachability.Offline;
        await using var offline = await OpenAsync([]);
        await offline.PerformAsync(Acquire(), ForegroundBudget.Acquire(offline.Configuration), default);
        await offline.PerformAsync(Push(), ForegroundBudget.Push(offline.Configuration), default);
    }

    /// <summary>Somebody else takes a lock.</summary>
    public void TakenByAnother(string path = "song.logicx")
    {
        var key = ResourceKey.Of(path);
        var now = DateTimeOffset.UnixEpoch.AddYears(200);
        _registers[key] = new LockSnapshot(key, new VersionToken("other"), new LockRecord
        {
            Path = path,
            State = LockState.Held,
            LockId = "their-lock",
            Epoch = 1,
            Seq = 1,
            OpId = "theirs/1",
            Owner = Me with { User = "eve", CloneId = "another" },
            AcquiredAt = now,
            RenewedAt = now,
            TtlSeconds = 3_600,
            ExpiresAt = now.AddHours(1),
            Client = "test",
        });
    }

    /// <summary>Nobody has it any more.</summary>
    public void GivenBack(string path = "song.logicx") => _registers.Remove(ResourceKey.Of(path));

    public LockRecord? Held(string path = "song.logicx") => _registers.GetValueOrDefault(ResourceKey.Of(path))?.Record;

    public Task<Workplace> HereAsync(string folder, string remoteName, CancellationToken cancellationToken) => OfCloneAsync(Clone, cancellationToken);

    public Task<Workplace> OfCloneAsync(string cloneId, CancellationToken cancellationToken) => Task.FromResult(new Workplace(
        Project, Me, this, this, new LockPolicy(this, this, Me, new LockOptions(), TimeProvider.System), this, new CommentBook(this, Project, TimeProvider.System, SystemIds.Instance))
    {
        Fence = (key, version, renewal, _) =>
        {
            Guards.Add(renewal);
            return Task.FromResult(new PushGuard(key.Hex, version.Value!, renewal.OpId));
        },
    });

    public Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken) => Task.FromResult(Git?.Invoke(call) ?? call.Arguments[0] switch
    {
        "ls-remote" => new GitResult(0, [], ""),
        "rev-list" => new GitResult(0, call.Arguments.Contains("--disk-usage") ? "0\n"u8.ToArray() : [], ""),
        "diff-tree" => new GitResult(0, "song.logicx\0"u8.ToArray(), ""),
        "for-each-ref" => new GitResult(0, WasFetched ? "ref"u8.ToArray() : [], ""),
        "rev-parse" => new GitResult(0, "1111111111111111111111111111111111111111\n"u8.ToArray(), ""),
        _ => new GitResult(1, [], ""),
    });

    public ValueTask<LockSnapshot> ReadAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        Exchanges.Add("read " + key.Path);
        if (IsSilent) { return new ValueTask<LockSnapshot>(Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith<LockSnapshot>(_ => throw new OperationCanceledException(cancellationToken), TaskScheduler.Default)); }
        return Failures.TryDequeue(out var failure) ? throw new VcsException(failure) : ValueTask.FromResult(_registers.GetValueOrDefault(key) ?? new LockSnapshot(key, VersionToken.Absent, null));
    }

    public async IAsyncEnumerable<LockSnapshot> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        foreach (var register in _registers.Values) { yield return register; }
    }

    public ValueTask<CasOutcome> CompareAndSwapAsync(ResourceKey key, VersionToken expected, LockRecord next, CancellationToken cancellationToken)
    {
        Exchanges.Add($"write {key.Path} {next.State}");
        var version = new VersionToken(next.OpId);
        _registers[key] = new LockSnapshot(key, version, next);
        return ValueTask.FromResult<CasOutcome>(new CasOutcome.Won(version));
    }

    public async Task<PushOutcome> PushAsync(PushRequest request, CancellationToken cancellationToken)
    {
        if (PushFailures.TryDequeue(out var refused) || Failures.TryDequeue(out refused)) { return new PushOutcome.Failed(refused); }

        try
        {
            WhileStaging?.Invoke();
            if (WhileStaging is not null && request.RefreshGuards is { } refresh) { await refresh(cancellationToken); }
        }
        catch (VcsException late)
        {
            return new PushOutcome.Failed(late.Failure);
        }

        Exchanges.Add("push " + request.Branch);
        Pushed.Add(request);
        return new PushOutcome.Pushed(Before, null, request.Guards.Count > 0) { IsReplaced = request.ForceWithLease is not null };
    }

    public Task<PullOutcome> PullAsync(PullRequest request, CancellationToken cancellationToken) => Task.FromResult<PullOutcome>(new PullOutcome.UpToDate());

    public async Task<Reachability> ProbeAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        Probes.Add(within);
        if (IsSilent) { await Task.Delay(within, cancellationToken); }
        return Reach;
    }

    public ValueTask<TimeSpan> SeenAsync(ResourceKey key, VersionToken version) => ValueTask.FromResult(TimeSpan.Zero);

    public void Dispose() => _folder.Dispose();

    /// <summary>All fractions are nearly the same, and yet no two draws are.</summary>
    private sealed class NumberedIds(double fraction) : IIds
    {
        private uint _count;

        public void Fill(Span<byte> bytes)
        {
            bytes.Clear();
            new FixedIds(fraction).Fill(bytes);
            // A fraction is made of the upper 53 bits.
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(bytes) | (Interlocked.Increment(ref _count) & 0x7FF)));
        }
    }
}
