using Posthouse.SystemTests.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Benchmarks.Vcs;

/// <summary>A bare repository behind a loopback server, and clones of it, without the settings of the machine.</summary>
internal sealed class Ground : IGit, IAsyncDisposable
{
    private readonly GitProgram _git = new(TimeProvider.System, new GitOptions());
    private readonly Scratch _folder = Scratch.OnDisk();

    private Ground() => Server = GitHttpServer.Start(_folder.Path);

    public GitHttpServer Server { get; }

    public string Bare => _folder.File("shared.git");

    public static async Task<Ground> OpenAsync()
    {
        var ground = new Ground();
        await ground.DoAsync(ground._folder.Path, "init", "--quiet", "--bare", "--initial-branch=main", ground.Bare);
        return ground;
    }

    public Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken) => _git.RunAsync(
        call with
        {
            Environment = new Dictionary<string, string?>(call.Environment) { ["GIT_CONFIG_GLOBAL"] = "/dev/null", ["GIT_CONFIG_NOSYSTEM"] = "1" },
        },
        cancellationToken);

    /// <summary>Runs Git and takes its success for granted.</summary>
    public async Task<string> DoAsync(string folder, params string[] words)
    {
        var result = await RunAsync(new GitCall(folder, words) { Timeout = null }, default);
        return result.ExitCode == 0 ? result.Text.Trim() : throw new InvalidOperationException($"git {string.Join(' ', words)}: {result.Errors}");
    }

    /// <summary>A clone whose remote is the server.</summary>
    public async Task<Project> CloneAsync(string name)
    {
        var root = _folder.File(name);
        await DoAsync(_folder.Path, "init", "--quiet", "--initial-branch=main", root);
        await DoAsync(root, "remote", "add", "origin", Server.Url("shared.git"));
        foreach (var (key, value) in ((string, string)[])[("user.name", name), ("user.email", name + "@example.org"), ("gc.auto", "0")])
        {
            await DoAsync(root, "config", key, value);
        }

        return await ProjectFinder.FindAsync(this, root, "origin", default);
    }

    /// <summary>Commits files of random bytes.</summary>
    public async Task<string> CommitRandomAsync(Project project, int count, int bytes, int seed)
    {
        var (random, content) = (new Random(seed), new byte[bytes]);
        for (var i = 0; i < count; i++)
        {
            random.NextBytes(content);
            await File.WriteAllBytesAsync(Path.Combine(project.Root, $"take {seed}-{i}"), content);
        }

        await DoAsync(project.Root, "add", "--all");
        await DoAsync(project.Root, "commit", "--quiet", "-m", "Takes");
        return await DoAsync(project.Root, "rev-parse", "HEAD");
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        foreach (var file in new DirectoryInfo(_folder.Path).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            file.IsReadOnly = false;
        }

        _folder.Dispose();
    }
}
