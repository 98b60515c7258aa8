using StackExchange.Redis;

namespace Posthouse.Redis;

/// <summary>
/// The connection, and how one call over it goes: with a deadline of its own, because the client's asynchronous calls wait for ever on a
/// server that is frozen, and made anew when it has not answered for long, because the client may never notice that it is back.
/// </summary>
/// <param name="options">The server.</param>
/// <param name="time">The clocks.</param>
internal sealed class RedisLink(RedisPriceOptions options, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How long one attempt to connect may take, in milliseconds; calls do not wait for it longer than for an answer.</summary>
    private const int ConnectMilliseconds = 1_000;

    /// <summary>How often the client looks whether the connection lives, in seconds.</summary>
    private const int KeepAliveSeconds = 10;

    private readonly Lock _lock = new();
    private Task<ConnectionMultiplexer>? _connection;
    private long? _failingSince;
    private bool _isClosed;

    /// <summary>Connections made so far.</summary>
    public int Connections { get; private set; }

    /// <summary>Runs a script.</summary>
    /// <exception cref="TimeoutException">No answer in time.</exception>
    /// <exception cref="RedisException">The server refused it, or is not there.</exception>
    public async Task<RedisResult> RunAsync(string script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        try
        {
            var connection = await Connect().WaitAsync(options.Deadline, time, cancellationToken);
            var database = connection.GetDatabase(options.Database);
            RedisResult answer;
            try
            {
                answer = await database.ScriptEvaluateAsync(script, keys, values).WaitAsync(Left(start), time, cancellationToken);
            }
            catch (RedisServerException error) when (error.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                // The server has started anew or forgot its scripts; the client knows it now and sends the text.
                answer = await database.ScriptEvaluateAsync(script, keys, values).WaitAsync(Left(start), time, cancellationToken);
            }

            lock (_lock)
                _failingSince = null;
            return answer;
        }
        catch (RedisConnectionException error)
        {
            Failed();
            // Its own message is a page of the client's inner counts.
            throw new IOException($"There is no connection to {options.Endpoint} ({error.FailureType}).", error);
        }
        catch (Exception error) when (error is not RedisServerException)
        {
            Failed();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            Drop();
        }

        return ValueTask.CompletedTask;
    }

    private TimeSpan Left(long start)
    {
        var left = options.Deadline - time.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : throw new TimeoutException($"{options.Endpoint} did not answer within {options.Deadline.TotalMilliseconds} ms.");
    }

    private Task<ConnectionMultiplexer> Connect()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (_connection is { IsFaulted: true })
                _connection = null;
            if (_connection is null)
            {
                Connections++;
                _connection = ConnectionMultiplexer.ConnectAsync(Configuration());
            }

            return _connection;
        }
    }

    private ConfigurationOptions Configuration()
    {
        var configuration = new ConfigurationOptions
        {
            // It goes on trying by itself; a server that is not there yet is no error.
            AbortOnConnectFail = false,
            ConnectRetry = 1,
            ConnectTimeout = ConnectMilliseconds,
            KeepAlive = KeepAliveSeconds,
            Password = options.Password,
            Ssl = options.Tls,
            // Keys and channels of a group of servers, which this is not.
            TieBreaker = "",
            ConfigurationChannel = "",
        };
        configuration.EndPoints.Add(options.Endpoint);
        return configuration;
    }

    private void Failed()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _failingSince ??= now;
            if (_isClosed || time.GetElapsedTime(_failingSince.Value, now) < options.RebuildAfter)
                return;
            Drop();
            _failingSince = now;
            // Now, not when it is next asked: a call that has to wait for a handshake is over before a slow one is, and would give this one up too.
            _ = Connect();
        }
    }

    /// <summary>Lets the connection go without waiting for it: closing it may hang as its calls do.</summary>
    private void Drop()
    {
        _connection?.ContinueWith(
            static made => made.Result.CloseAsync(allowCommandsToComplete: false).ContinueWith(
                static closed => closed.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion,
            TaskScheduler.Default);
        _connection = null;
    }
}
