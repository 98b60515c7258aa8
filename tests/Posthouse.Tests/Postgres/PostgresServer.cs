using System.Diagnostics;
using Npgsql;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Postgres;

/// <summary>
/// A PostgreSQL server of this test run alone, reached by a socket in its own folder. A shell watches over it, should the run be
/// killed.
/// </summary>
internal sealed class PostgresServer : IDisposable
{
    private static readonly Lazy<PostgresServer> s_one = new(() => new PostgresServer(TempFolder.InMemory().Path, "-c fsync=off -c full_page_writes=off"));
    private static int s_schemas;

    private readonly string _folder;
    private readonly string _settings;

    private PostgresServer(string folder, string settings)
    {
        (_folder, _settings) = (folder, settings);
        Shell($"chmod 700 '{_folder}' && ({(IsRoot ? "chown postgres" : "true")} '{_folder}')");
        Shell($"{As}'{Bin}/initdb' -D '{_folder}/data' -U posthouse --auth=trust --no-sync -E UTF8 --locale=C.UTF-8 >/dev/null");
        Start();
        Process.Start("/bin/bash", ["-c", $$"""
            while kill -0 {{Environment.ProcessId}} 2>/dev/null && [[ -d '{{_folder}}' ]]; do sleep 0.5; done
            [[ -d '{{_folder}}' ]] || exit 0
            {{As}}'{{Bin}}/pg_ctl' -D '{{_folder}}/data' stop -m immediate >/dev/null 2>&1
            rm -rf '{{_folder}}'
            """]);
    }

    /// <summary>The one of this run, in memory-backed storage; it starts with the first test that asks for it.</summary>
    public static PostgresServer One => s_one.Value;

    /// <summary>Where it is.</summary>
    public string ConnectionString => $"Host={_folder};Username=posthouse;Database=postgres;Timeout=5";

    /// <summary>One that is a test's own, on the disk and with everything on that makes it durable.</summary>
    public static PostgresServer OnDisk() => new(Directory.CreateTempSubdirectory("posthouse-pg-").FullName, "");

    /// <summary>All its processes end at once, without a word to the disk.</summary>
    public void Crash() => Shell($"{As}'{Bin}/pg_ctl' -D '{_folder}/data' stop -m immediate >/dev/null");

    /// <summary>Starts it, again perhaps, and waits until it has recovered.</summary>
    public void Start() => Shell($"{As}'{Bin}/pg_ctl' -D '{_folder}/data' -l '{_folder}/data/log' -w -t 60 -o \"-k '{_folder}' -h '' -c max_connections=400 {_settings}\" start >/dev/null");

    public void Dispose()
    {
        Crash();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The server refuses to run as root.</summary>
    private static bool IsRoot => Environment.UserName == "root";

    private static string As => IsRoot ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";

    private static string Bin => Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin";

    /// <summary>A name of a schema that no other test has.</summary>
    public static string NewSchema() => $"t{Interlocked.Increment(ref s_schemas)}";

    /// <summary>Runs a statement as an operator would.</summary>
    public async Task<object?> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static void Shell(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", command]) { RedirectStandardError = true })!;
        var said = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        if (shell.ExitCode != 0)
        {
            throw new InvalidOperationException($"PostgreSQL cannot be started: {command}: {said}");
        }
    }
}
