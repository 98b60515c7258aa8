using System.CommandLine;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Vcs;
using Posthouse.Vcs.Projects;

namespace Posthouse.Cli.Hosting;

/// <summary>Whom an auth verb is about: the remote of the project it is run in, or a host that was named.</summary>
/// <param name="Base">Git and whom the verb tells.</param>
/// <param name="Place">The host; null where nobody signs in with a password: ssh, or a folder.</param>
/// <param name="Project">The project, or null where a host was named outside of one.</param>
internal sealed record SignInSite(GitSite Base, SignInPlace? Place, Project? Project)
{
    public static readonly Option<string?> HostOption = new("--host") { Description = "The host, or an address on it; otherwise that of the project's remote", HelpName = "HOST" };

    /// <summary>What people call the far side.</summary>
    public string Title => Place?.Host ?? $"the remote '{Project!.Remote}'";

    /// <summary>Credentials as the project's configuration would have them.</summary>
    public Credentials Credentials => new(Base.Git, Project?.Root ?? Base.Folder);

    public static async Task<SignInSite> OfAsync(ParseResult parsed, TimeProvider time, CancellationToken cancellationToken)
    {
        var site = GitSite.Of(parsed, time);
        var project = await ProjectAsync(site, parsed, cancellationToken);
        if (parsed.GetValue(HostOption) is not { } host)
        {
            return SignInPlace.TryParse(project!.PushUrl, out var own) ? new SignInSite(site, own, project) : new SignInSite(site, null, project);
        }

        if (!SignInPlace.TryParse(host, out var place))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "--host is a host, such as git.example.org, or an address that begins with https://.");
        }

        var isProjects = project is not null && SignInPlace.TryParse(project.PushUrl, out var there) && there.Host == place.Host;
        return new SignInSite(site, place, isProjects ? project : null);
    }

    /// <summary>The place, where there is one.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: nobody signs in here with a password or token.</exception>
    public SignInPlace Required() => Place ?? throw new PosthouseException(ErrorCodes.OptionsInvalid,
        $"{Title} is reached by ssh or is a folder: there is no password to keep. With ssh your key signs in ('ssh-add -l' shows it); 'posthouse auth test' tries it.");

    /// <summary>Has the operations go on that the far side refused for want of credentials.</summary>
    /// <returns>How many.</returns>
    public async Task<int> CredentialsChangedAsync(Configuration configuration, TimeProvider time)
    {
        var pocket = new StorePlace(StoreKind.Pocket, Places.OfProcess().Pocket);
        if (!File.Exists(pocket.Database)) { return 0; }

        await using var store = SqliteJobStore.Open(
            new SqliteStoreOptions { Path = pocket.Database, Limits = QueueSettings.Limits(configuration), Time = time, Ids = SystemIds.Instance }, new JobRegistry());
        return (await store.DecideAsync(new JobCommand.Release(HoldReason.Credentials, Project?.Destination))).Changed;
    }

    private static async Task<Project?> ProjectAsync(GitSite site, ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            return await ProjectFinder.FindAsync(site.Git, site.Folder, VcsFlags.Of(parsed).Remote, cancellationToken);
        }
        catch (PosthouseException none) when (none.Code is VcsErrors.NotAProject or VcsErrors.NoRemote && parsed.GetValue(HostOption) is not null)
        {
            return null;
        }
    }
}
