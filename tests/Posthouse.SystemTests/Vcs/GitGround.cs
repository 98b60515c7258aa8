using System.Diagnostics;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;

namespace Posthouse.SystemTests.Vcs;

/// <summary>A folder with repositories of a test's own, and a Git that reads no configuration of the machine.</summary>
internal sealed class GitGround : IGit, IDisposable
{
    private readonly GitProgram _git;
    private readonly string _config;

    public GitGround(TimeProvider? time = null, GitOptions? options = null)
    {
        Folder = Directory.CreateTempSubdirectory("posthouse-ground-").FullName;
        _config = Path.Combine(Folder, "gitconfig");
        File.WriteAllText(_config, "[user]\n\tname = Test\n\temail = test@example.invalid\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n");
        _git = new GitProgram(time ?? TimeProvider.System, options ?? new GitOptions());
    }

    /// <summary>Where everything is.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken) => _git.RunAsync(
        call with { Environment = new Dictionary<string, string?>(call.Environment) { ["GIT_CONFIG_GLOBAL"] = _config, ["GIT_CONFIG_NOSYSTEM"] = "1" } }, cancellationToken);

    /// <summary>An empty repository that others push to.</summary>
    public string Bare(string name = "r.git")
    {
        var path = Path.Combine(Folder, name);
        Git(Folder, "init", "--quiet", "--bare", path);
        return path;
    }

    /// <summary>A clone that has fetched nothing yet.</summary>
    public Project Clone(string name, string url)
    {
        var root = Path.Combine(Folder, name);
        Git(Folder, "init", "--quiet", root);
        Git(root, "remote", "add", "origin", url);
        return new Project(root, Path.Combine(root, ".git"), name, "origin", url);
    }

    /// <summary>A clone with a lock store of its own.</summary>
    public LockClient Client(string name, string url, string prefix = LockProtocol.RefPrefix)
    {
        var project = Clone(name, url);
        var journal = new RememberedRecords();
        return new LockClient(project, journal, new GitRefLockStore(this, project, journal, prefix));
    }

    /// <summary>Runs Git by itself; its exit code is 0.</summary>
    /// <returns>Its standard output, trimmed.</returns>
    public string Git(string folder, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("git", ["-C", folder, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GIT_CONFIG_GLOBAL"] = _config;
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, $"git {string.Join(' ', arguments)}: {errors.Result}");
        return output.TrimEnd();
    }

    /// <summary>Where a ref of a repository points; empty where it does not exist.</summary>
    public string Tip(string repository, string name) => Git(repository, "for-each-ref", "--format=%(objectname)", name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>One of those who race.</summary>
internal sealed record LockClient(Project Project, RememberedRecords Journal, GitRefLockStore Store);
