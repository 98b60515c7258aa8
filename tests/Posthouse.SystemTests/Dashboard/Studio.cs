using Posthouse.SystemTests.Cli;
using Posthouse.SystemTests.Vcs.Cli;

namespace Posthouse.SystemTests.Dashboard;

/// <summary>A project with a remote, in which verbs are run for the person who also runs the server.</summary>
internal sealed class Studio
{
    private readonly string _remote;
    private readonly string _clone;
    private readonly string _home;

    public Studio(string root, string home)
    {
        (_remote, _clone, _home) = (Path.Combine(root, "remote.git"), Path.Combine(root, "Nightsong"), home);
        VerbStage.Git(root, "init", "--quiet", "--bare", "--initial-branch=main", _remote);
        VerbStage.Git(root, "clone", "--quiet", _remote, _clone);
        VerbStage.Git(_clone, "config", "user.name", "ann");
        VerbStage.Git(_clone, "config", "user.email", "ann@example.org");
        VerbStage.Git(_clone, "checkout", "--quiet", "-B", "main");
        File.WriteAllText(Path.Combine(_clone, "mix.txt"), "one");
        VerbStage.Git(_clone, "add", "--all");
        VerbStage.Git(_clone, "commit", "--quiet", "-m", "one");
        VerbStage.Git(_clone, "push", "--quiet", "origin", "main");
        VerbStage.Git(_clone, "fetch", "--quiet");
    }

    /// <summary>Takes the remote away, as a network does that goes down.</summary>
    public void GoOffline() => Directory.Move(_remote, _remote + ".away");

    /// <summary>Asks for a lock.</summary>
    public async Task<int> AcquireAsync(string file) => (await PosthouseProcess.RunAsync(_home, ["lock", "acquire", file, "--set", "Network:ProbeInterval=0s", "--set", "Network:MaxRetries=1", "-C", _clone])).Exit;
}
