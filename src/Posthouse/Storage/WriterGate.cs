using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Posthouse.Storage;

/// <summary>
/// One writer at a time for one database. Inside the process a fair lock; between processes two lock files beside the
/// database. Who wants in takes <c>-next</c>, then <c>-gate</c>, then lets <c>-next</c> go. With one file alone a
/// process that writes group after group takes it again before a waiting one has looked: that one waited minutes.
/// With two, the waiting one holds <c>-next</c>, and the busy one must queue behind it. The system frees both when a
/// process dies. The files are never removed: a removed one would let two processes in.
/// </summary>
internal sealed class WriterGate : IDisposable
{
    /// <summary>How long a writer waits before it says who is in the way.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(10);

    /// <summary>Looks made at once before the thread rests: a group that is about to end needs no sleep to be awaited.</summary>
    private const int Spins = 20;

    /// <summary>The first rest; it doubles up to the last one, which bounds what a waiter loses after the gate went free.</summary>
    private const int FirstRestMicroseconds = 50;
    private const int LastRestMicroseconds = 1000;

    private static readonly Dictionary<string, WriterGate> Gates = new(StringComparer.Ordinal);

    private readonly FairLock _inside = new();
    private readonly string _path;
    private readonly SafeFileHandle _next;
    private readonly SafeFileHandle _gate;
    private int _users;
    private long _turn;

    private WriterGate(string path)
    {
        _path = path;
        _next = Durable.OpenLockFile(path + "-next");
        _gate = Durable.OpenLockFile(path + "-gate");
    }

    /// <summary>The gate of a database. All stores of one process share it; each disposes of what it got.</summary>
    /// <param name="databasePath">The database file, which need not exist yet; its folder is made where it is missing.</param>
    /// <exception cref="PosthouseException"><c>STORE_UNAVAILABLE</c>: the lock files cannot be made.</exception>
    public static WriterGate For(string databasePath)
    {
        var path = Durable.Canonical(databasePath);
        lock (Gates)
        {
            if (!Gates.TryGetValue(path, out var gate))
                Gates.Add(path, gate = Make(path));
            gate._users++;
            return gate;
        }
    }

    /// <summary>Waits for the gate. The calling thread rests meanwhile, so it is one made for writing.</summary>
    /// <param name="limit">The longest wait, usually <see cref="DefaultLimit"/>.</param>
    /// <exception cref="PosthouseException"><c>STORE_BUSY</c>: not had in time; the message names the holder.</exception>
    public Lease Enter(TimeSpan limit)
    {
        var start = RealTime.Mark();
        if (!_inside.TryEnter(limit))
            throw Busy(limit);
        try
        {
            if (!TryLock(_next, start, limit))
                throw Busy(limit);
            try
            {
                if (!TryLock(_gate, start, limit))
                    throw Busy(limit);
            }
            finally
            {
                Durable.Unlock(_next);
            }
        }
        catch
        {
            _inside.Exit();
            throw;
        }

        SignIn();
        return new Lease(this, ++_turn);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (Gates)
        {
            if (--_users > 0)
                return;
            Gates.Remove(_path);
            _next.Dispose();
            _gate.Dispose();
        }
    }

    private static WriterGate Make(string path)
    {
        try
        {
            Durable.CreatePrivateDirectory(Path.GetDirectoryName(path)!);
            return new WriterGate(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(
                ErrorCodes.StoreUnavailable,
                $"The lock files beside {path} cannot be opened ({error.Message}). Make sure that this user may write the folder.",
                error);
        }
    }

    private static bool TryLock(SafeFileHandle file, long start, TimeSpan limit)
    {
        var rest = FirstRestMicroseconds;
        for (var look = 0; !Durable.TryLock(file); look++)
        {
            if (look < Spins)
            {
                Thread.SpinWait(look);
                continue;
            }

            if (RealTime.Since(start) >= limit)
                return false;
            Durable.Pause(rest);
            rest = Math.Min(rest * 2, LastRestMicroseconds);
        }

        return true;
    }

    /// <summary>Writes our pid where the last holder's stands. Reading first keeps a lone writer's turns free of writes.</summary>
    private void SignIn()
    {
        if (HolderPid() == Environment.ProcessId)
            return;
        Span<byte> pid = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(pid, Environment.ProcessId);
        try
        {
            RandomAccess.Write(_gate, pid, 0);
        }
        catch (IOException)
        {
            // Only a name in a message; a full disk must not keep the gate from who has it.
        }
    }

    private int HolderPid()
    {
        Span<byte> pid = stackalloc byte[sizeof(int)];
        try
        {
            return RandomAccess.Read(_gate, pid, 0) == sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(pid) : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private PosthouseException Busy(TimeSpan limit)
    {
        var pid = HolderPid();
        var holder = pid == Environment.ProcessId ? $"this process ({pid})" : pid == 0 ? "another process" : $"process {pid}";
        return new PosthouseException(
            ErrorCodes.StoreBusy,
            $"{_path} was held by {holder} for more than {limit.TotalSeconds:0.###} s. Nothing was stored; try again, or see what that process does.");
    }

    private void Leave(long turn)
    {
        if (Interlocked.CompareExchange(ref _turn, turn + 1, turn) != turn)
            return; // A lease disposed of twice must not let go of somebody else's turn.
        Durable.Unlock(_gate);
        _inside.Exit();
    }

    /// <summary>A turn at the gate; disposing of it lets the next one in. Any thread may do that.</summary>
    public readonly struct Lease : IDisposable
    {
        private readonly WriterGate? _gate;
        private readonly long _turn;

        internal Lease(WriterGate gate, long turn) => (_gate, _turn) = (gate, turn);

        /// <inheritdoc/>
        public void Dispose() => _gate?.Leave(_turn);
    }
}
