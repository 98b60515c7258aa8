using System.Text;
using Posthouse.Jobs;
using Posthouse.Vcs.Comments;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.SystemTests.Vcs.Transfer;

/// <summary>A bare repository and clones of it, in a folder of their own, with the machine's Git and nothing of its user's settings.</summary>
internal sealed class Workshop : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-workshop-").FullName;

    private Workshop()
    {
    }

    /// <summary>Git, without the settings of the machine.</summary>
    public static IGit Git { get; } = new PlainGit(new GitProgram(TimeProvider.System, new GitOptions { StallTime = TimeSpan.FromSeconds(20) }));

    /// <summary>The shared repository's folder.</summary>
    public string Bare => Path.Combine(_folder, "shared repository ä.git");

    public static async Task<Workshop> OpenAsync()
    {
        var shop = new Workshop();
        await RunAsync(shop._folder, "init", "--quiet", "--bare", "--initial-branch=main", shop.Bare);
        await RunAsync(shop.Bare, "config", "http.receivepack", "true");
        return shop;
    }

    /// <summary>A clone, or an empty start where the repository is empty.</summary>
    /// <param name="name">Its folder and its author.</param>
    /// <param name="url">Its remote; null: the repository's path.</param>
    public async Task<Clone> CloneAsync(string name, string? url = null)
    {
        var root = Path.Combine(_folder, name);
        await RunAsync(_folder, "clone", "--quiet", "--", Bare, root);
        await RunAsync(root, "config", "user.name", name);
        await RunAsync(root, "config", "user.email", name + "@example.org");
        await RunAsync(root, "config", "gc.auto", "0");
        await RunAsync(root, "symbolic-ref", "HEAD", "refs/heads/main");
        if (url is not null)
            await RunAsync(root, "remote", "set-url", "origin", url);
        return new Clone(await ProjectFinder.FindAsync(Git, root, "origin", default));
    }

    /// <summary>Runs Git and takes its success for granted.</summary>
    public static async Task<string> RunAsync(string folder, params string[] words)
    {
        var result = await Git.RunAsync(new GitCall(folder, words) { Timeout = null }, default);
        return result.ExitCode == 0 ? result.Text.Trim() : throw new InvalidOperationException($"git {string.Join(' ', words)}: {result.Errors}");
    }

    /// <summary>Writes a script that can be run.</summary>
    public static void WriteScript(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "#!/bin/sh\n" + text + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>What a ref of the shared repository holds, or null.</summary>
    public async Task<string?> SharedAsync(string name)
    {
        var result = await Git.RunAsync(new GitCall(Bare, "rev-parse", "--verify", "--quiet", name), default);
        return result.ExitCode == 0 ? result.Text.Trim() : null;
    }

    /// <summary>The batches that lie in the shared repository.</summary>
    public async Task<string[]> StagedAsync() => (await RunAsync(Bare, "for-each-ref", "--format=%(refname)", "refs/posthouse/stage")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void Dispose()
    {
        foreach (var file in new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            file.IsReadOnly = false;
        }

        Directory.Delete(_folder, recursive: true);
    }

    private sealed class PlainGit(IGit git) : IGit
    {
        public Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken) => git.RunAsync(
            call with
            {
                Environment = new Dictionary<string, string?>(call.Environment) { ["GIT_CONFIG_GLOBAL"] = "/dev/null", ["GIT_CONFIG_NOSYSTEM"] = "1" },
            },
            cancellationToken);
    }
}

/// <summary>One person's clone.</summary>
internal sealed record Clone(Project Project)
{
    public string Root => Project.Root;

    /// <summary>The clone's remote, by the machine's Git or by one that fails.</summary>
    public GitRemote Remote(IGit? git = null, TimeProvider? time = null) => new(git ?? Workshop.Git, Project, time ?? TimeProvider.System, SystemIds.Instance);

    public CommentBook Comments(IGit? git = null, TimeProvider? time = null) => new(git ?? Workshop.Git, Project, time ?? TimeProvider.System, SystemIds.Instance);

    public Task<string> GitAsync(params string[] words) => Workshop.RunAsync(Root, words);

    public Task<string> HeadAsync() => GitAsync("rev-parse", "HEAD");

    /// <summary>Where a file of the work tree lies.</summary>
    public string At(string path) => Path.Combine(Root, path);

    public string Read(string path) => File.ReadAllText(At(path));

    public void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    public void Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllBytes(At(path), bytes);
    }

    /// <summary>Commits files.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> CommitAsync(params (string Path, string Text)[] files)
    {
        foreach (var (path, text) in files)
        {
            Write(path, text);
        }

        await GitAsync("add", "--force", "--all");
        await GitAsync("commit", "--quiet", "--allow-empty", "-m", "Work");
        return await HeadAsync();
    }

    /// <summary>Commits files of random bytes, which nothing can make smaller.</summary>
    public async Task<string> CommitRandomAsync(int count, int bytes, int seed = 1)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var content = new byte[bytes];
            random.NextBytes(content);
            Write($"takes/take {seed}-{i}.wav", content);
        }

        return await CommitAsync();
    }

    /// <summary>Commits and pushes with plain Git.</summary>
    public async Task<string> PublishAsync(params (string Path, string Text)[] files)
    {
        var commit = await CommitAsync(files);
        await GitAsync("push", "--quiet", "origin", "main");
        return commit;
    }
}

/// <summary>A Git whose exchanges end as a test wants: not sent, or done and the answer lost.</summary>
internal sealed class FaultyGit(Func<GitCall, Fault> judge) : IGit
{
    public async Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken)
    {
        var fault = judge(call);
        if (fault != Fault.NotSent)
        {
            var result = await Workshop.Git.RunAsync(call, cancellationToken);
            if (fault == Fault.None)
                return result;
        }

        return new GitResult(128, [], "fatal: unable to access 'http://example.org/': Failed to connect to example.org port 80: Connection refused\n");
    }
}

/// <summary>How an exchange fails.</summary>
public enum Fault
{
    None,
    NotSent,
    AnswerLost,
}

/// <summary>A clock that goes ahead of the system's.</summary>
internal sealed class LaterTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
}
