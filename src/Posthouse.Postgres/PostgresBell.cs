using Npgsql;
using Posthouse.Storage.Commit;

namespace Posthouse.Postgres;

/// <summary>
/// LISTEN and NOTIFY between the processes of a store. A ring is a transaction of its own after the commit, for a NOTIFY inside
/// one makes commits wait for each other; rings that come while one is under way are one. Whoever misses a ring looks by himself.
/// </summary>
internal sealed class PostgresBell : IBell
{
    /// <summary>Between two tries to listen again, where the server is away.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _rung = new(0, 1); // Holds nothing of the system's, and the last commits ring after the closing.
    private readonly string _connectionString;
    private readonly string _channel;
    private readonly Action _onRing;
    private readonly TimeProvider _time;
    private readonly Task _work;
    private int _own;

    private PostgresBell(string connectionString, string channel, Action onRing, TimeProvider time)
    {
        (_connectionString, _channel, _onRing, _time) = (connectionString, channel, onRing, time);
        _work = Task.WhenAll(Task.Run(() => KeepAsync(ListenAsync)), Task.Run(() => KeepAsync(RingAsync)));
    }

    /// <summary>Hangs a bell.</summary>
    /// <param name="connectionString">Where.</param>
    /// <param name="channel">The store's name there.</param>
    /// <param name="onRing">Called, on any thread, when another process rings.</param>
    /// <param name="time">Spaces tries to connect.</param>
    public static PostgresBell Hang(string connectionString, string channel, Action onRing, TimeProvider time) => new(connectionString, channel, onRing, time);

    public void Ring()
    {
        try
        {
            _rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // One that has not begun yet tells this news too.
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        _work.GetAwaiter().GetResult();
        _closing.Dispose();
    }

    private async Task KeepAsync(Func<CancellationToken, Task> work)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await work(_closing.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or InvalidOperationException)
            {
                await Task.Delay(Again, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync(CancellationToken closing)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        connection.Notification += (_, heard) =>
        {
            if (heard.PID != Volatile.Read(ref _own))
            {
                _onRing();
            }
        };
        await connection.OpenAsync(closing).ConfigureAwait(false);
        await ExecuteAsync(connection, $"LISTEN {_channel}", closing).ConfigureAwait(false);
        _onRing(); // What was rung before is not heard any more.
        while (true)
        {
            await connection.WaitAsync(closing).ConfigureAwait(false);
        }
    }

    private async Task RingAsync(CancellationToken closing)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(closing).ConfigureAwait(false);
        Volatile.Write(ref _own, connection.ProcessID);
        await ExecuteAsync(connection, "SET synchronous_commit = off", closing).ConfigureAwait(false);
        while (true)
        {
            await _rung.WaitAsync(closing).ConfigureAwait(false);
            await ExecuteAsync(connection, $"NOTIFY {_channel}", closing).ConfigureAwait(false);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken closing)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync(closing).ConfigureAwait(false);
    }
}
