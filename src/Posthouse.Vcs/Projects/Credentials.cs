using System.Text;
using Posthouse.Vcs.Git;

namespace Posthouse.Vcs.Projects;

/// <summary>
/// Credentials by way of Git's own helpers (gitcredentials(7)): what is kept here, every Git program of this person finds, and this
/// program keeps nothing. A secret goes through pipes and a child's environment, never through arguments.
/// </summary>
/// <param name="git">Git.</param>
/// <param name="folder">Any folder; a project's own configuration counts in it.</param>
internal sealed class Credentials(IGit git, string folder)
{
    private const string UserVariable = "POSTHOUSE_SIGN_IN_USER";
    private const string SecretVariable = "POSTHOUSE_SIGN_IN_SECRET";

    /// <summary>A helper that knows one answer and keeps nothing. Git runs it with its own shell, on Windows too.</summary>
    private const string OneAnswer = $"!f() {{ test \"$1\" = get || exit 0; echo \"username=${UserVariable}\"; echo \"password=${SecretVariable}\"; }}; f";

    /// <summary>The helpers that are asked for a place, each by its first word; a shell line shows as <c>a command</c>.</summary>
    public async Task<IReadOnlyList<string>> HelpersAsync(SignInPlace place, CancellationToken cancellationToken)
    {
        var helpers = new List<string>();
        foreach (var call in (GitCall[])[new(folder, "config", "--get-all", "credential.helper"), new(folder, "config", "--get-urlmatch", "credential.helper", place.Url)])
        {
            var answer = await git.RunAsync(call, cancellationToken);
            helpers.AddRange(answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.StartsWith('!') ? "a command" : line.Split(' ')[0]));
        }

        return [.. helpers.Distinct()];
    }

    /// <summary>What the helpers know, asking nobody; null where they know nothing.</summary>
    public async Task<(string User, string Secret)?> FindAsync(SignInPlace place, CancellationToken cancellationToken)
    {
        var answer = await git.RunAsync(new GitCall(folder, "credential", "fill") { Input = Described(place, place.User, null) }, cancellationToken);
        var lines = answer.Text.Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToLookup(pair => pair[0], pair => pair[1]);
        return answer.ExitCode == 0 && lines["password"].FirstOrDefault() is { Length: > 0 } secret ? (lines["username"].FirstOrDefault() ?? "", secret) : null;
    }

    /// <summary>Gives credentials to the helpers.</summary>
    /// <returns>Whether one kept them.</returns>
    public async Task<bool> KeepAsync(SignInPlace place, string user, string secret, CancellationToken cancellationToken)
    {
        await git.RunAsync(new GitCall(folder, "credential", "approve") { Input = Described(place, user, secret) }, cancellationToken);
        return await FindAsync(place with { User = user }, cancellationToken) is { } kept && kept.Secret == secret;
    }

    /// <summary>Has the helpers forget what they know of a place.</summary>
    /// <returns>Whether they knew something, and whether they still do.</returns>
    public async Task<(bool Knew, bool Knows)> ForgetAsync(SignInPlace place, CancellationToken cancellationToken)
    {
        if (await FindAsync(place, cancellationToken) is not { } known)
            return (false, false);
        await git.RunAsync(new GitCall(folder, "credential", "reject") { Input = Described(place, known.User, known.Secret) }, cancellationToken);
        return (true, await FindAsync(place, cancellationToken) is not null);
    }

    /// <summary>
    /// Asks the remote whether one may push there, and pushes nothing: the far side wants credentials for that even where it lets
    /// everybody read.
    /// </summary>
    /// <param name="remote">The remote's name or address.</param>
    /// <param name="with">Credentials to use instead of the helpers' own, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where one may; else why not.</returns>
    public async Task<RemoteFailure?> TryAsync(string remote, (string User, string Secret)? with, CancellationToken cancellationToken)
    {
        var tree = await git.RunAsync(new GitCall(folder, "hash-object", "-t", "tree", "-w", "--stdin"), cancellationToken);
        if (tree.ExitCode != 0)
            return GitFailures.Judge(tree);
        string[] helper = with is null ? [] : ["-c", "credential.helper=", "-c", "credential.helper=" + OneAnswer];
        string[] quietly = ["--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no"];
        string[] words = [.. helper, "push", "--dry-run", "--porcelain", .. quietly, "--", remote, $"{tree.Text.Trim()}:refs/posthouse/probe/sign-in"];
        var call = new GitCall(folder, words) { Talks = true };
        if (with is { } given)
            call = call with { Environment = new Dictionary<string, string?> { [UserVariable] = given.User, [SecretVariable] = given.Secret } };
        var answer = await git.RunAsync(call, cancellationToken);
        return answer.ExitCode == 0 ? null : GitFailures.Judge(answer);
    }

    /// <summary>Whether a text can be one field of a credential: those are lines.</summary>
    public static bool IsField(string text) => text.Length > 0 && !text.AsSpan().ContainsAny('\n', '\r', '\0');

    private static byte[] Described(SignInPlace place, string? user, string? secret)
    {
        var text = new StringBuilder($"protocol={place.Protocol}\nhost={place.Host}\npath={place.Path}\n");
        if (user is not null)
            text.Append($"username={user}\n");
        if (secret is not null)
            text.Append($"password={secret}\n");
        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }
}
