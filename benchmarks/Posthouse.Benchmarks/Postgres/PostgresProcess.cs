using System.Diagnostics;
using System.Globalization;
using Posthouse.Benchmarks.Mesh;

namespace Posthouse.Benchmarks.Postgres;

/// <summary>A PostgreSQL server of this run, on the disk of the temporary folder, near its defaults and with fsync on.</summary>
internal sealed class PostgresProcess : IDisposable
{
    private readonly Scratch _folder = Scratch.OnDisk();
    private readonly Process _server;
    private readonly int _port = RedisProcess.FreePorts(1)[0];

    private PostgresProcess()
    {
        Shell($"chmod 711 '{_folder.Path}' && mkdir -m 700 '{Data}' && ({(IsRoot ? "chown postgres" : "true")} '{Data}')");
        Shell($"{As}'{Bin}/initdb' -D '{Data}' -U posthouse --auth=trust -E UTF8 --locale=C.UTF-8 >/dev/null");
        _server = Process.Start("/bin/bash", ["-c", string.Create(CultureInfo.InvariantCulture,
            $"exec {As}'{Bin}/postgres' -D '{Data}' -k '' -h 127.0.0.1 -p {_port} -c shared_buffers=512MB -c max_wal_size=4GB >'{_folder.Path}/log' 2>&1")]);
        Shell(string.Create(CultureInfo.InvariantCulture, $"for i in $(seq 100); do '{Bin}/pg_isready' -q -h 127.0.0.1 -p {_port} && exit 0; sleep 0.1; done; exit 1"));
    }

    /// <summary>For Npgsql.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=posthouse;Database=postgres");

    /// <summary>For everybody else.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"postgres://posthouse@127.0.0.1:{_port}/postgres");

    private string Data => _folder.File("data");

    private static bool IsRoot => Environment.UserName == "root";

    private static string As => IsRoot ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";

    private static string Bin => Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin";

    /// <summary>Starts one; null: PostgreSQL is not installed.</summary>
    public static PostgresProcess? TryStart() => Directory.Exists("/usr/lib/postgresql") ? new PostgresProcess() : null;

    public void Dispose()
    {
        Shell($"{As}'{Bin}/pg_ctl' -D '{Data}' stop -m fast >/dev/null");
        _server.WaitForExit();
        _server.Dispose();
        _folder.Dispose();
    }

    private static void Shell(string command)
    {
        using var shell = Process.Start("/bin/bash", ["-c", command]);
        shell.WaitForExit();
        if (shell.ExitCode != 0)
        {
            throw new InvalidOperationException($"PostgreSQL cannot be served: {command}");
        }
    }
}
