using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Posthouse.Storage.Commit;

namespace Posthouse.Storage;

/// <summary>Hangs a bell beside a database; null where nobody shall ring.</summary>
internal delegate Bell? BellFactory(string databasePath, Action onRing);

/// <summary>
/// Wakes the other processes of a database after a commit: one byte to each one's datagram socket. It only shortens
/// their wait, for they look by themselves four times a second, so a ring that does not arrive is no error.
/// </summary>
internal sealed class Bell : IBell
{
    /// <summary>A socket's path has room for 104 bytes on macOS, 108 on Linux; the end mark is one of them.</summary>
    private const int LongestPath = 103;

    /// <summary>Eight bytes of the path's hash: enough to keep the databases of one user apart, and a foreign ring does no harm.</summary>
    private const int HashBytes = 8;

    /// <summary>How long the list of listeners is trusted. A listener that comes in between looks by itself when it starts.</summary>
    private static readonly TimeSpan ListAge = TimeSpan.FromMilliseconds(100);

    private static int _listeners;

    private readonly string _folder;
    private readonly string _prefix;
    private readonly Lock _ringing = new();
    private readonly Socket? _sender = Sender();
    private readonly Dictionary<string, UnixDomainSocketEndPoint> _others = new(StringComparer.Ordinal);
    private Socket? _ear;
    private string? _earPath;
    private Thread? _thread;
    private volatile bool _closing;
    private long _listed;

    private Bell(string databasePath)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Durable.Canonical(databasePath)));
        _folder = Path.Combine(Durable.RuntimeDirectory(), "posthouse");
        _prefix = Convert.ToHexStringLower(hash.AsSpan(0, HashBytes)) + ".";
    }

    /// <summary>Whether this bell hears; false where the system has no such sockets or the runtime folder cannot be used.</summary>
    public bool Hears => _ear is not null;

    /// <summary>A bell that only rings, for a process that does not dispatch.</summary>
    public static Bell Silent(string databasePath) => new(databasePath);

    /// <summary>A bell that rings and hears.</summary>
    /// <param name="databasePath">The database file.</param>
    /// <param name="onRing">Called on the bell's own thread, once for all rings that came together. It must not throw or wait.</param>
    public static Bell Listen(string databasePath, Action onRing)
    {
        var bell = new Bell(databasePath);
        bell.Open(onRing);
        return bell;
    }

    /// <summary>Rings everybody else. Never throws.</summary>
    public void Ring()
    {
        if (_sender is null)
            return;
        lock (_ringing)
        {
            if (_closing)
                return;
            if (_listed == 0 || RealTime.Since(_listed) >= ListAge)
                ListOthers();
            foreach (var (path, end) in _others)
                Send(path, end);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_ringing)
        {
            if (_closing)
                return;
            _closing = true;
            if (_ear is not null)
                Send(_earPath!, new UnixDomainSocketEndPoint(_earPath!)); // Brings the thread back from its receive.
            _sender?.Dispose();
        }

        _thread?.Join();
    }

    private static Socket? Sender()
    {
        try
        {
            return new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        }
        catch (SocketException)
        {
            return null; // Windows has no datagram sockets of this family; its processes look more often instead.
        }
    }

    private void Open(Action onRing)
    {
        // Two stores of one process each have an ear: the second one's name carries a number.
        var number = Interlocked.Increment(ref _listeners);
        var path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_prefix}{Environment.ProcessId}-{number}"));
        if (_sender is null || Encoding.UTF8.GetByteCount(path) > LongestPath)
            return;
        var ear = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            Durable.CreatePrivateDirectory(_folder);
            File.Delete(path); // Left by a dead process that had our pid.
            ear.Bind(new UnixDomainSocketEndPoint(path));
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException)
        {
            ear.Dispose();
            return;
        }

        _ear = ear;
        _earPath = path;
        _thread = new Thread(() => Hear(ear, onRing)) { IsBackground = true, Name = "Posthouse bell" };
        _thread.Start();
    }

    private void Hear(Socket ear, Action onRing)
    {
        Span<byte> one = stackalloc byte[1];
        using (ear)
        {
            while (true)
            {
                ear.Receive(one);
                while (ear.Available > 0)
                    ear.Receive(one);
                if (_closing)
                    break;
                onRing();
            }
        }

        File.Delete(_earPath!);
    }

    private void ListOthers()
    {
        _listed = RealTime.Mark();
        _others.Clear();
        try
        {
            foreach (var path in Directory.EnumerateFiles(_folder, _prefix + "*"))
            {
                if (path != _earPath && Encoding.UTF8.GetByteCount(path) <= LongestPath)
                    _others.Add(path, new UnixDomainSocketEndPoint(path));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // No folder, no listeners.
        }
    }

    private void Send(string path, UnixDomainSocketEndPoint end)
    {
        try
        {
            _sender!.SendTo([1], SocketFlags.None, end);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            Forget(path);
        }
        catch (SocketException)
        {
            // A full socket has rings waiting already; one that is gone needs none.
        }
    }

    /// <summary>The file of a listener that died without a goodbye. Removing from a dictionary does not disturb its enumeration.</summary>
    private void Forget(string path)
    {
        _others.Remove(path);
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It stays, and costs one refused send each time.
        }
    }
}
