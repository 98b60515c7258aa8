using System.Collections.Concurrent;
using System.Diagnostics;
using Posthouse.Connectivity;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;

namespace Posthouse.SystemTests.Vcs;

/// <summary>Work trees of several accounts at one LFS host, in which Debian's git-lfs and this program's store can be asked.</summary>
internal sealed class LfsGround : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-lfs-").FullName;
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler());

    public static TimeProvider Time => TimeProvider.System;

    /// <summary>A work tree whose LFS endpoint is an address; the file <c>mix/song.wav</c> and two more are there.</summary>
    public string Tree(string name, string endpoint)
    {
        var tree = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.Combine(tree, "mix"));
        foreach (var file in new[] { "song.wav", "Größe 2.wav", "other.wav" })
            File.WriteAllText(Path.Combine(tree, "mix", file), "sound");
        Ask("git", tree, "init", "--quiet");
        Ask("git", tree, "config", "lfs.url", endpoint);
        return tree;
    }

    /// <summary>This program's store, in a work tree.</summary>
    public LfsLockStore Store(string tree, string endpoint, string clone, ILockJournal? journal = null)
    {
        var address = LfsEndpoint.Of(endpoint)!;
        var git = new QuietGit(new GitProgram(Time, new GitOptions()), Environment());
        var service = new LfsHost(new HttpExchange(_invoker, Time), address, new LfsCredentials(git, tree, address), Time);
        return new LfsLockStore(service, journal ?? new Journal(), Me(clone));
    }

    public static LockPolicy Policy(LfsLockStore store, string clone) => new(store, new NoSightings(), Me(clone), new LockOptions(), Time);

    public static LockOwner Me(string clone) => new(clone, $"{clone}@example.org", clone, "studio", "machine", clone);

    /// <summary>Runs a program as a person would, without asking anybody.</summary>
    public (int ExitCode, string Output, string Errors) Ask(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    public void Dispose()
    {
        _invoker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Dictionary<string, string?> Environment() => new()
    {
        ["HOME"] = _folder,
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_GLOBAL"] = Path.Combine(_folder, "gitconfig"),
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["LC_ALL"] = "C",
    };

    /// <summary>Remembers what was built, for as long as the test runs.</summary>
    internal sealed class Journal : ILockJournal
    {
        private readonly ConcurrentDictionary<string, BuiltRecord> _built = [];

        public ValueTask<BuiltRecord?> FindAsync(string opId) => new(_built.GetValueOrDefault(opId));

        public ValueTask KeepAsync(string opId, BuiltRecord built)
        {
            _built[opId] = built;
            return default;
        }
    }

    private sealed class QuietGit(GitProgram git, IReadOnlyDictionary<string, string?> environment) : IGit
    {
        public Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken) => git.RunAsync(call with { Environment = environment }, cancellationToken);
    }

    private sealed class NoSightings : ISightings
    {
        public ValueTask<TimeSpan> SeenAsync(ResourceKey key, VersionToken version) => new(TimeSpan.Zero);
    }
}
