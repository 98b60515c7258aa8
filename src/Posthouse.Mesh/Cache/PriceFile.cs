using System.Reflection;
using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Diagnostics;
using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Mesh.Cache;

/// <summary>
/// The node's own file <c>prices.db</c>: one connection on one thread, opened by the core's SQLite classes with the core's durability. It is
/// opened by the first call and, after damage or a failure of the disk, again by the next one. A damaged file is put aside and a fresh one
/// begun, for everything in it can be had again. Any thread.
/// </summary>
internal sealed class PriceFile : IAsyncDisposable
{
    /// <summary>The file's name in a node's folder.</summary>
    public const string FileName = "prices.db";

    /// <summary>Calls that wait at most: more than all who call, so that a disk that hangs cannot fill the memory.</summary>
    public const int MaxWaiting = 1_024;

    private const string Writer = "prices";

    private static readonly SchemaPart _part = new(
        "mesh", [(ReadSql(), "")], ["price_latest", "price_update", "provider", "peer_address", "node_state", "price_history"]);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Queue<(Action Run, Action<Exception> Refuse)> _waiting = new();
    private readonly ILoopDriver _driver;
    private SqliteCommitDatabase? _database;
    private int _setAside;
    private bool _isClosed;

    /// <summary>Names the file; it is opened by the first call.</summary>
    /// <param name="path">The file; its folder is made where it is missing.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">Told of a damaged file.</param>
    /// <param name="drive">What calls the turns; null: a thread, because a turn waits for the disk.</param>
    public PriceFile(string path, TimeProvider time, ILogger logger, LoopDriverFactory? drive = null)
    {
        (_path, _time, _logger) = (path, time, logger);
        _driver = (drive ?? LoopThread.Start)("posthouse-prices", Turn);
    }

    /// <summary>Counts the damaged files that were put aside. Who has seen another number before knows that everything is gone.</summary>
    public int SetAside => Volatile.Read(ref _setAside);

    /// <summary>Reads.</summary>
    /// <exception cref="PosthouseException">The file cannot be read now; see <see cref="ErrorCodes"/>.</exception>
    public Task<T> ReadAsync<T>(Func<IRead, T> read) => Post(file => read(file.Sql));

    /// <summary>Writes in one transaction, which is on disk when the task ends.</summary>
    /// <exception cref="PosthouseException">The file cannot be written now; see <see cref="ErrorCodes"/>.</exception>
    public Task<T> WriteAsync<T>(Func<ISqlWrite, T> write) => Post(file =>
    {
        T answer;
        try
        {
            file.Begin();
            answer = write(file.Sql);
            file.Commit();
        }
        catch
        {
            file.Rollback();
            throw;
        }

        file.CheckpointIfGrown();
        return answer;
    });

    /// <summary>Does what waits, then closes the file.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isClosed)
                return ValueTask.CompletedTask;
            _isClosed = true;
        }

        _driver.Dispose();
        Close();
        return ValueTask.CompletedTask;
    }

    private Task<T> Post<T>(Func<SqliteCommitDatabase, T> work)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_isClosed)
                return Task.FromException<T>(new PosthouseException(ErrorCodes.StoreUnavailable, $"{_path} is closed."));
            if (_waiting.Count >= MaxWaiting)
                return Task.FromException<T>(new PosthouseException(ErrorCodes.StoreBusy, $"{MaxWaiting} calls wait for {_path}. Look at the disk."));
            _waiting.Enqueue((() => answer.TrySetResult(work(_database ??= Open())), error => answer.TrySetException(error)));
        }

        _driver.Signal();
        return answer.Task;
    }

    /// <summary>Does one call; true where more wait.</summary>
    private bool Turn()
    {
        (Action Run, Action<Exception> Refuse) next;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out next))
                return false;
        }

        try
        {
            next.Run();
        }
        catch (Exception error)
        {
            // After damage the next opening checks the file, and after a failed flush what is shown may not be on the disk.
            if (error is StoreIoException or PosthouseException { Code: ErrorCodes.StoreCorrupt })
                Close();
            next.Refuse(error);
        }

        return true;
    }

    private SqliteCommitDatabase Open()
    {
        var database = StoreOpening.Open(_path, Writer, new Opening([_part], _time, DemandSound), out var aside);
        if (aside is not null)
        {
            Interlocked.Increment(ref _setAside);
            _logger.PriceFileSetAside(_path, aside);
        }

        return database;
    }

    /// <summary>The file is small, so all of it is looked at each time: prices that a bad disk invents would be refused, but others would be missing.</summary>
    private static void DemandSound(SqliteDatabase database)
    {
        var found = database.QueryFirst("PRAGMA quick_check(1)", row => row.Text(0));
        if (found != "ok")
            throw new PosthouseException(ErrorCodes.StoreCorrupt, $"{database.Path} is damaged: {found}");
    }

    private void Close()
    {
        try
        {
            _database?.Dispose();
        }
        catch (PosthouseException)
        {
            // Another process has the gate for longer than the limit; what was committed is on disk.
        }

        _database = null;
    }

    private static string ReadSql()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Posthouse.Mesh.Cache.Prices.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
