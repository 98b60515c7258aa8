using System.Diagnostics;
using System.Text.Json;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Vcs.Sync;

/// <summary>A bare remote, a clone with work in it, and the home of the person who works there; verbs are the real program.</summary>
internal sealed class SyncGround : IDisposable
{
    private readonly OwnFolder _folder = new();

    public SyncGround()
    {
        Clone = _folder.File("song");
        Git(_folder.Path, "init", "-q", "--bare", "-b", "main", Remote);
        Git(_folder.Path, "clone", "-q", Remote, Clone);
        Git(Clone, "config", "user.name", "John");
        Git(Clone, "config", "user.email", "john@example.org");
        Commit("first");
        Git(Clone, "push", "-q", "origin", "main");
    }

    public string Remote => _folder.File("remote.git");

    public string Clone { get; private set; }

    public string Home => _folder.File("home");

    public void Dispose() => _folder.Dispose();

    public string Commit(string text)
    {
        File.WriteAllText(Path.Combine(Clone, "song.txt"), text);
        Git(Clone, "add", "-A");
        Git(Clone, "commit", "-q", "-m", text);
        return Git(Clone, "rev-parse", "HEAD");
    }

    /// <summary>Runs a verb in the clone to its end.</summary>
    public Task<(int Exit, string Output, string Error)> Run(params string[] words) => RunIn(Clone, words);

    /// <summary>The same in another folder.</summary>
    public async Task<(int Exit, string Output, string Error)> RunIn(string folder, params string[] words)
    {
        using var program = Start(folder, null, words);
        return await program.EndAsync();
    }

    /// <summary>Starts a verb; one that is given a crash point dies there.</summary>
    public PosthouseProcess Start(string folder, string? crashAt, params string[] words) => PosthouseProcess.StartUnder(["env", "-C", folder], crashAt, words, Home);

    /// <summary>Queues acquire, push and release without a network.</summary>
    public async Task<string> QueueWork(string text)
    {
        (await Run("lock", "acquire", "song.txt", "--offline")).Exit.ShouldBe(10);
        var tip = Commit(text);
        (await Run("push", "--offline")).Exit.ShouldBe(10);
        (await Run("lock", "release", "song.txt", "--offline")).Exit.ShouldBe(10);
        return tip;
    }

    /// <summary>The clone is somewhere else from now on.</summary>
    public void Move()
    {
        var to = _folder.File("moved song");
        Directory.Move(Clone, to);
        Clone = to;
    }

    public string RemoteTip() => Git(Remote, "rev-parse", "refs/heads/main");

    /// <summary>The records of the only lock, the newest first.</summary>
    public List<JsonElement> Records()
    {
        var name = Git(Remote, "for-each-ref", "--format=%(refname)", "refs/posthouse/locks/");
        name.ShouldNotBeEmpty();
        return [.. Git(Remote, "log", "--format=%H", name).Split('\n').Select(commit =>
        {
            var message = Git(Remote, "log", "-1", "--format=%B", commit);
            return JsonDocument.Parse(message[message.IndexOf('{')..]).RootElement;
        })];
    }

    public static string Git(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) { start.ArgumentList.Add(argument); }
        using var git = Process.Start(start)!;
        var error = git.StandardError.ReadToEndAsync();
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        git.ExitCode.ShouldBe(0, $"git {string.Join(' ', arguments)}: {error.Result}");
        return output.Trim();
    }
}
