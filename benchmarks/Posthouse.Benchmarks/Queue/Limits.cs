using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Benchmarks.Queue;

/// <summary>What the machine gives without a queue: how often the disk can be flushed, and what one thread can push through SQLite.</summary>
public static partial class Limits
{
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);

    /// <summary>Appends of 4 KiB, each flushed.</summary>
    public static double FdatasyncRate(TimeSpan length)
    {
        using var folder = Scratch.OnDisk();
        using var file = File.OpenHandle(folder.File("append"), FileMode.Create, FileAccess.Write);
        var block = new byte[4096];
        var (started, count) = (Stopwatch.GetTimestamp(), 0L);
        while (Stopwatch.GetElapsedTime(started) < length)
        {
            RandomAccess.Write(file, block, count * block.Length);
            if (fdatasync(file) != 0)
            {
                throw new IOException($"fdatasync failed: {Marshal.GetLastPInvokeError()}");
            }

            count++;
        }

        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>One table, one thread, group commit, and callers that wait: no ids, no limits, no events, no leases.</summary>
    public static async Task<double> BareLoopAsync(Scratch folder, int callers, TimeSpan length)
    {
        using var _ = folder;
        using var loop = new BareLoop(folder.File("bare.db"));
        await PushAsync(loop, callers, TimeSpan.FromMilliseconds(500));
        return await PushAsync(loop, callers, length);
    }

    private static async Task<double> PushAsync(BareLoop loop, int callers, TimeSpan length)
    {
        var payload = new byte[200];
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                await loop.InsertAsync(payload);
                count++;
            }

            return count;
        })));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>The least that is group commit.</summary>
    private sealed class BareLoop : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly AutoResetEvent _signal = new(false);
        private readonly SqliteDatabase _database;
        private readonly Thread _thread;
        private List<(byte[] Payload, TaskCompletionSource Answer)> _waiting = [];
        private List<(byte[] Payload, TaskCompletionSource Answer)> _group = [];
        private volatile bool _stopped;

        public BareLoop(string path)
        {
            _database = SqliteDatabase.Open(path, readOnly: false);
            _database.ExecuteScript("CREATE TABLE job(id INTEGER PRIMARY KEY, state INTEGER NOT NULL, priority INTEGER NOT NULL, run_at INTEGER NOT NULL, payload BLOB NOT NULL)");
            _database.ExecuteScript("CREATE INDEX ready ON job(priority, run_at, id) WHERE state = 0");
            _thread = new Thread(Run);
            _thread.Start();
        }

        public Task InsertAsync(byte[] payload)
        {
            var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                _waiting.Add((payload, answer));
            }

            _signal.Set();
            return answer.Task;
        }

        public void Dispose()
        {
            _stopped = true;
            _signal.Set();
            _thread.Join();
            _signal.Dispose();
            _database.Dispose();
        }

        private void Run()
        {
            while (!_stopped)
            {
                lock (_lock)
                {
                    (_group, _waiting) = (_waiting, _group);
                }

                if (_group.Count == 0)
                {
                    _signal.WaitOne();
                    continue;
                }

                _database.Begin();
                foreach (var (payload, _) in _group)
                {
                    _database.Execute("INSERT INTO job(state, priority, run_at, payload) VALUES (0, 0, $1, $2)", Stopwatch.GetTimestamp(), payload);
                }

                _database.Commit();
                _group.ForEach(one => one.Answer.SetResult());
                _group.Clear();
                if (_database.PagesWritten > 4_096)
                {
                    _database.Checkpoint(truncate: false);
                    _database.ForgetPagesWritten();
                }
            }
        }
    }
}
