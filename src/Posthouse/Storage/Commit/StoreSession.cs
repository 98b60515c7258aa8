using Posthouse.Storage.Jobs;

namespace Posthouse.Storage.Commit;

/// <summary>
/// An open store: the commit loop and the read loop with their drivers, who waits for work and for news, and what wakes the
/// loop besides an operation: a row's time, a bell from another process, and a look at the database four times a second.
/// </summary>
internal class StoreSession : IDisposable
{
    /// <summary>How often the database is looked at for other processes' commits, where no bell rings: 4 µs each for a file.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest sleep until a row's time is looked at again; a clock that jumps is noticed by the look.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly StoreParts _parts;
    private readonly ICommitDatabase _database;
    private readonly CommitLoop _loop;
    private readonly ReadLoop _reads;
    private readonly ILoopDriver _writer;
    private readonly ILoopDriver _reader;
    private readonly ITimer _dueTimer;
    private readonly ITimer _lookTimer;
    private readonly IBell? _bell;
    private readonly ClockWatch _clock;
    private int _awake;
    private int _look;
    private int _looking;
    private int _closed;

    public StoreSession(StoreParts parts, LoopDriverFactory drive)
    {
        _parts = parts;
        _database = parts.Database;
        _clock = new ClockWatch(parts.Time);
        Instances = new Instances(parts.Presence, parts.Ids, parts.Time);
        _loop = new CommitLoop(_database, parts.Writer, parts.Time, parts.Drafts, parts.Limits, Claims.Fulfil, () => _writer!.Signal(), parts.Watch, parts.Bulk)
        {
            Committed = AfterCommit,
            EndUnknown = Claims.Fail,
        };
        _reads = new ReadLoop(parts.OpenSnapshot);
        _writer = drive("posthouse-commit", Turn);
        _reader = drive("posthouse-read", _reads.Turn);
        _dueTimer = parts.Time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _lookTimer = parts.Time.CreateTimer(_ => LookRound(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _bell = parts.Hang(Look);
    }

    public StandingClaims Claims { get; } = new();

    public Instances Instances { get; }

    public ChangeSignal Changes { get; } = new();

    /// <summary>Completes when there may be events after a position, from whatever process.</summary>
    public Task ChangedAsync(long position, CancellationToken cancellationToken)
    {
        var changed = Changes.WaitAsync(position, cancellationToken);
        if (!changed.IsCompleted)
        {
            _ = LookBehindAsync();
            LookLater();
        }

        return changed;
    }

    public void Post(IOperation operation)
    {
        if (Volatile.Read(ref _closed) == 1)
        {
            operation.Fail(Closed());
            return;
        }

        _loop.Post(operation);
    }

    public Task<T> Post<T>(Func<Group, T> work, bool needsSavepoint = true, int weight = 1)
    {
        var operation = new Operation<T>(work, needsSavepoint, weight);
        Post(operation);
        return operation.Task;
    }

    public Task<T> ReadAsync<T>(Func<IRead, T> read)
    {
        if (Volatile.Read(ref _closed) == 1)
        {
            return Task.FromException<T>(Closed());
        }

        var answer = _reads.Post(read);
        _reader.Signal();
        return answer;
    }

    /// <summary>Looks at claims even though nobody posted.</summary>
    public void Wake()
    {
        Volatile.Write(ref _awake, 1);
        _writer.Signal();
    }

    /// <summary>Ends the loops after what waits, and closes the database.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (Interlocked.Exchange(ref _closed, 1) == 1)
        {
            return;
        }

        _lookTimer.Dispose();
        _dueTimer.Dispose();
        _bell?.Dispose();
        Closing();
        _writer.Dispose();
        _reader.Dispose();
        _loop.Close(Closed());
        Claims.Close();
        _reads.Close(Closed());
        Instances.Close();
        _database.Dispose();
    }

    /// <summary>The session closes; its loops still run.</summary>
    protected virtual void Closing()
    {
    }

    /// <summary>Something was committed on another connection of this process: it hears of it as the others do.</summary>
    protected void CommittedBeside()
    {
        _bell?.Ring();
        Look();
    }

    /// <summary>
    /// Another process may have committed, and been noticed, before the caller began to wait: registered first and read after,
    /// nothing falls between. Where the read fails the caller is told to look, and meets the error itself.
    /// </summary>
    private async Task LookBehindAsync()
    {
        try
        {
            Changes.Appended(await ReadAsync(JobReads.LastPosition));
        }
        catch (PosthouseException)
        {
            Changes.Elsewhere();
        }
    }

    private void LookRound()
    {
        if (_clock.Jumped())
        {
            Volatile.Write(ref _awake, 1);
        }

        Look();
        Volatile.Write(ref _looking, 0);
        LookLater();
    }

    /// <summary>Only who waits for something looks round; without one, the database is left alone.</summary>
    private void LookLater()
    {
        if ((Claims.Any || Changes.Any) && Interlocked.Exchange(ref _looking, 1) == 0)
        {
            _lookTimer.Change(LookInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private void Look()
    {
        Volatile.Write(ref _look, 1);
        _writer.Signal();
    }

    /// <summary>One turn: a mere look costs no transaction unless somebody else has committed, and somebody here waits for work.</summary>
    private bool Turn()
    {
        var awake = Interlocked.Exchange(ref _awake, 0) == 1;
        if (Interlocked.Exchange(ref _look, 0) == 1 && ChangedByOthers())
        {
            Changes.Elsewhere();
            Instances.HintAll();
            awake |= Claims.Any || _database.MustTakeIn;
        }

        return (awake || _loop.HasWork || Claims.More) && (_loop.Turn() || Claims.More);
    }

    private void AfterCommit(long position)
    {
        if (position > 0)
        {
            Changes.Appended(position);
            _bell?.Ring();
        }

        LookLater();
        if (UntilDue() is { } wait)
        {
            _dueTimer.Change(wait < LongestSleep ? wait : LongestSleep, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>How long nothing will change by itself; a database that cannot be read is asked again at the next look.</summary>
    private TimeSpan? UntilDue()
    {
        try
        {
            return Claims.NextDue(_database.Sql) is { } due
                ? TimeSpan.FromMilliseconds(Math.Max(1, due - _parts.Time.GetUtcNow().ToUnixTimeMilliseconds()))
                : null;
        }
        catch (PosthouseException)
        {
            return LookInterval;
        }
    }

    /// <summary>A database that cannot be read is looked at again a quarter of a second later; an error here must not end the loop.</summary>
    private bool ChangedByOthers()
    {
        try
        {
            return _database.ChangedByOthers();
        }
        catch (PosthouseException)
        {
            return false;
        }
    }

    private static PosthouseException Closed() => new(ErrorCodes.StoreUnavailable, "The store is closed.");
}
