using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse auth login|logout|status|test</c>: credentials of the remote, kept by Git's own helpers.</summary>
internal static class AuthCommand
{
    public static Command Create(TimeProvider time)
    {
        var command = new Command("auth", "Signs in to the remote, by way of Git's credential helpers")
        {
            AuthLoginCommand.Create(time),
            Verb(time, "logout", "Has the credential helpers forget what they know of the host", LogoutAsync),
            Verb(time, "status", "Shows which helper keeps credentials for the host, and whether it has any", StatusAsync),
            Verb(time, "test", "Asks the remote whether you may push there; nothing is sent", TestAsync),
        };
        GitSite.AddFlagsTo(command);
        command.Options.Add(VcsFlags.RemoteOption);
        return command;
    }

    /// <summary>Says how a verb went.</summary>
    /// <param name="site">Whom it is about.</param>
    /// <param name="verb">Its word.</param>
    /// <param name="status">What became of it, in one word.</param>
    /// <param name="members">More for programs.</param>
    /// <param name="lines">For people.</param>
    public static int Answer(SignInSite site, string verb, string status, Action<Utf8JsonWriter> members, params IEnumerable<string> lines)
    {
        if (site.Base.Json)
        {
            site.Base.Output.WriteLine(new Envelope("auth " + verb, status, ExitCodes.Done)
            {
                Data = json =>
                {
                    json.WriteStartObject();
                    json.WriteString("host", site.Place?.Host);
                    json.WriteString("project", site.Project?.Root);
                    members(json);
                    json.WriteEndObject();
                },
            }.Text());
        }

        foreach (var line in lines) { site.Base.Say(line); }
        return ExitCodes.Done;
    }

    /// <summary>What to do where no helper is configured, or none keeps what it is given.</summary>
    public static string NoHelper(IReadOnlyList<string> helpers) => helpers.Count == 0
        ? "Git has no credential helper here, so nothing would be kept. Configure one and say this again: 'git config --global credential.helper cache' keeps credentials in memory, "
            + "'… store' in a file that only you can read; your system may bring osxkeychain, manager or libsecret, which keep them locked away."
        : $"Git's credential helper ({string.Join(", ", helpers)}) kept nothing. See that it is installed: 'git credential-{helpers[^1]}' must be a command.";

    private static Command Verb(TimeProvider time, string name, string description, Func<SignInSite, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description) { SignInSite.HostOption };
        command.SetAction(async (parsed, cancellationToken) => await run(await SignInSite.OfAsync(parsed, time, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> LogoutAsync(SignInSite site, CancellationToken cancellationToken)
    {
        var (knew, knows) = await site.Credentials.ForgetAsync(site.Required(), cancellationToken);
        if (knows)
        {
            throw new PosthouseException(VcsErrors.LocalFailure,
                $"Something still knows credentials for {site.Title}: another helper, or the address itself ('git remote -v'). Remove them there.");
        }

        return Answer(site, "logout", knew ? "forgotten" : "unknown", _ => { },
            knew ? $"{site.Base.Terminal.DoneMark} The credentials for {site.Title} are forgotten here. The token itself lives on at the host until it is revoked there."
                : $"{site.Base.Terminal.NoteMark} No credentials for {site.Title} were kept here.");
    }

    private static async Task<int> StatusAsync(SignInSite site, CancellationToken cancellationToken)
    {
        if (site.Place is not { } place)
        {
            return Answer(site, "status", "not_needed", _ => { }, $"{site.Base.Terminal.NoteMark} {site.Title} is reached by ssh or is a folder: no password is kept for it.");
        }

        var helpers = await site.Credentials.HelpersAsync(place, cancellationToken);
        var known = await site.Credentials.FindAsync(place, cancellationToken);
        var lines = new List<string>
        {
            $"Host:    {place.Host}",
            $"Helper:  {(helpers.Count > 0 ? string.Join(", ", helpers) : "none")}",
            known is { } found ? $"Kept:    yes, for {(found.User.Length > 0 ? found.User : "any user")}" : "Kept:    no",
        };
        if (known is null) { lines.Add(helpers.Count == 0 ? NoHelper(helpers) : "Say 'posthouse auth login' to sign in."); }
        return Answer(site, "status", known is null ? "signed_out" : "signed_in", json =>
        {
            json.WriteStartArray("helpers");
            foreach (var helper in helpers) { json.WriteStringValue(helper); }
            json.WriteEndArray();
            json.WriteString("user", known?.User);
        }, lines);
    }

    private static async Task<int> TestAsync(SignInSite site, CancellationToken cancellationToken)
    {
        if (site.Project is not { } project)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "A test needs a repository to ask for: go to a project whose remote is on that host.");
        }

        return await site.Credentials.TryAsync(project.Remote, null, cancellationToken) is { } failure
            ? throw new VcsException(failure)
            : Answer(site, "test", "accepted", json => json.WriteString("remote", project.Remote), $"{site.Base.Terminal.DoneMark} {(site.Place is { } place ? $"{place.Host} lets you push to '{project.Remote}'" : $"The remote '{project.Remote}' lets you push")}.");
    }
}
