using System.Diagnostics;
using System.Text.Json;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;

namespace Posthouse.SystemTests.Vcs.Cli;

/// <summary>A bare repository, two people with a clone and a home each, and verbs run in this process as the program runs them.</summary>
internal sealed class VerbStage : IDisposable
{
    /// <summary>A net under a test that would wait for ever.</summary>
    private static readonly TimeSpan _safetyNet = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("posthouse verbs ü-");

    public VerbStage()
    {
        // What was found out a moment ago is not believed: tests take the remote away between two verbs.
        Environment.SetEnvironmentVariable("POSTHOUSE__NETWORK__PROBEINTERVAL", "00:00:00");
        Remote = Path.Combine(_folder.FullName, "re mote.git");
        Git(_folder.FullName, "init", "--quiet", "--bare", "--initial-branch=main", Remote);
        (Ann, Bob) = (Join("ann"), Join("bob"));
    }

    public string Remote { get; }

    public Person Ann { get; }

    public Person Bob { get; }

    /// <summary>A folder that is no project.</summary>
    public string Nowhere => Directory.CreateDirectory(Path.Combine(_folder.FullName, "nowhere")).FullName;

    /// <summary>Takes the remote away, as a network does that goes down.</summary>
    public void GoOffline() => Directory.Move(Remote, Remote + ".away");

    public void GoOnline() => Directory.Move(Remote + ".away", Remote);

    /// <summary>Looks again and again until it is so; what is looked at takes time enough.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        for (var began = Stopwatch.GetTimestamp(); !await isSo();)
        {
            if (Stopwatch.GetElapsedTime(began) > _safetyNet) { throw new TimeoutException(what); }
        }
    }

    public static string Git(string folder, params string[] words)
    {
        var start = new ProcessStartInfo("git", words) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"git {string.Join(' ', words)}: {error.Result}");
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("POSTHOUSE__NETWORK__PROBEINTERVAL", null);
        foreach (var file in _folder.EnumerateFiles("*", SearchOption.AllDirectories)) { file.Attributes = FileAttributes.Normal; }
        _folder.Delete(recursive: true);
    }

    private Person Join(string name)
    {
        var clone = Path.Combine(_folder.FullName, name, "my song");
        Directory.CreateDirectory(Path.GetDirectoryName(clone)!);
        Git(_folder.FullName, "clone", "--quiet", Remote, clone);
        Git(clone, "config", "user.name", name);
        Git(clone, "config", "user.email", name + "@example.org");
        Git(clone, "checkout", "--quiet", "-B", "main");
        var person = new Person(clone, Path.Combine(_folder.FullName, name, "home"));
        if (name == "ann")
        {
            person.Commit("mix.txt", "one");
            Git(clone, "push", "--quiet", "origin", "main");
        }
        else
        {
            Git(clone, "pull", "--quiet", "origin", "main");
        }

        Git(clone, "fetch", "--quiet");
        return person;
    }
}

/// <summary>Somebody with a clone on a machine of their own.</summary>
/// <param name="Folder">The clone.</param>
/// <param name="Home">Where the machine keeps its store.</param>
internal sealed record Person(string Folder, string Home)
{
    /// <summary>Runs a verb in the clone.</summary>
    public Task<Said> RunAsync(params string[] words) => RunInAsync(Folder, words);

    /// <summary>Sends what is queued, of all projects, for the queue's verbs work where they are run.</summary>
    public Task<Said> SyncAsync(params string[] words) => LineAsync(["queue", "sync", "--all-projects", .. words]);

    /// <summary>Runs a verb in another folder.</summary>
    public Task<Said> RunInAsync(string folder, params string[] words)
    {
        // What stands behind -- is another command's.
        var end = Array.IndexOf(words, "--");
        return LineAsync(end < 0 ? [.. words, "-C", folder] : [.. words[..end], "-C", folder, .. words[end..]]);
    }

    /// <summary>Runs a command line as it is.</summary>
    public async Task<Said> LineAsync(params string[] line)
    {
        Environment.SetEnvironmentVariable("POSTHOUSE_HOME", Home);
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), line, output, error);
        return new Said(exit, output.ToString(), error.ToString());
    }

    public string Commit(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        VerbStage.Git(Folder, "add", "--all");
        VerbStage.Git(Folder, "commit", "--quiet", "-m", text);
        return VerbStage.Git(Folder, "rev-parse", "HEAD");
    }
}

/// <summary>What a verb said and ended with.</summary>
internal sealed record Said(int Exit, string Output, string Error)
{
    /// <summary>The one document on standard output; checks what every document has.</summary>
    public JsonElement Json()
    {
        using var document = JsonDocument.Parse(Output);
        var root = document.RootElement.Clone();
        root.GetProperty("schema").GetString().ShouldBe("posthouse/1");
        root.GetProperty("exit_code").GetInt32().ShouldBe(Exit);
        root.GetProperty("ok").GetBoolean().ShouldBe(Exit == 0);
        root.GetProperty("warnings").ValueKind.ShouldBe(JsonValueKind.Array);
        return root;
    }

    /// <summary>The word of <c>status</c>.</summary>
    public string Status => Json().GetProperty("status").GetString()!;

    /// <summary>The error's code.</summary>
    public string Code => Json().GetProperty("error").GetProperty("code").GetString()!;

    public JsonElement Data => Json().GetProperty("data");
}
