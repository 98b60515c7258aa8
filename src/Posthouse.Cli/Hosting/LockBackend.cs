using Microsoft.Extensions.DependencyInjection;
using Posthouse.Connectivity;
using Posthouse.Jobs;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Hosting;

/// <summary>Where a project's locks are kept, as <c>Locks:Backend</c> says; branches always go to the Git remote.</summary>
internal sealed class LockBackend(IServiceProvider provider, Configuration configuration)
{
    private const string Folder = "directory";

    /// <summary>Opens the place. Nothing is asked of it yet.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the backend is unknown, or what it needs is not configured.</exception>
    public async Task<RemoteTools> OpenAsync(Project project, LockOwner me, IGit git, CancellationToken cancellationToken)
    {
        var remote = new GitRemote(git, project, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IIds>());
        return configuration.Required(ConfigurationKeys.LocksBackend) switch
        {
            "auto" or "git" => OnGit(project, git, remote),
            Folder => new RemoteTools(DirectoryLockStore.Under(DirectoryOf(configuration), NameIn(configuration) ?? NameOf(project.PushUrl)), remote),
            "lfs" => new RemoteTools(await LfsAsync(project, me, git, cancellationToken), remote),
            "none" => new RemoteTools(new NoLocks(), remote),
            var other => throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{ConfigurationKeys.LocksBackend} is '{other}'; auto, git, directory, lfs and none are taken."),
        };
    }

    /// <summary>Where locks are kept, in words; null where that is the Git remote.</summary>
    public static string? Elsewhere(Configuration configuration) => configuration.Required(ConfigurationKeys.LocksBackend) switch
    {
        Folder => "the folder " + DirectoryOf(configuration),
        "lfs" => "the lock service of Git LFS",
        _ => null,
    };

    /// <summary>Makes the configured folder one that holds locks, where locks are kept in one.</summary>
    /// <returns>The folder, or null where locks are kept elsewhere.</returns>
    /// <exception cref="VcsException">It is not there, or not fit for locks.</exception>
    public static string? Prepare(Configuration configuration)
    {
        if (configuration.Required(ConfigurationKeys.LocksBackend) != Folder) { return null; }

        var folder = DirectoryOf(configuration);
        DirectoryLockStore.Create(folder);
        return folder;
    }

    /// <summary>
    /// What a project is called in a folder of locks: the last part of its remote's address, which is the same however the rest of it
    /// is spelled. Two projects of one name share their locks, which costs a wait and never an edit; <c>Locks:Name</c> tells them apart.
    /// </summary>
    internal static string NameOf(string address)
    {
        var end = address.TrimEnd('/', '\\');
        var name = end[(end.LastIndexOfAny(['/', '\\', ':']) + 1)..];
        return (name.EndsWith(".git", StringComparison.OrdinalIgnoreCase) && name.Length > ".git".Length ? name[..^".git".Length] : name).ToLowerInvariant();
    }

    /// <summary>The name that the project's own file, or the person, gives it. It is a folder's, and may be a stranger's choice.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: it would lie elsewhere than in the folder of locks.</exception>
    private static string? NameIn(Configuration configuration) => configuration.Text(ConfigurationKeys.LocksName) switch
    {
        null => null,
        var name when name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.') && name[0] != '.' => name.ToLowerInvariant(),
        var name => throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{ConfigurationKeys.LocksName} is '{name}'; the letters a to z, digits, '-', '_' and '.' are taken, and no '.' at its beginning."),
    };

    private static string DirectoryOf(Configuration configuration) => configuration.Text(ConfigurationKeys.LocksDirectory) ?? throw new PosthouseException(
        ErrorCodes.OptionsInvalid, $"{ConfigurationKeys.LocksBackend} is {Folder}, and no folder is named. Say 'posthouse config set {ConfigurationKeys.LocksDirectory} DIR', then 'posthouse init'.");

    private RemoteTools OnGit(Project project, IGit git, GitRemote remote)
    {
        var store = new GitLockStore(
            git, project, provider.GetRequiredService<ILockJournal>(), provider.GetRequiredService<LockPrefixes>(), provider.GetRequiredService<IIds>());
        return new RemoteTools(store, remote)
        {
            Fence = (key, version, renewal, cancellationToken) => store.BuildGuardAsync(new LockSnapshot(key, version, null), renewal, cancellationToken),
        };
    }

    /// <summary>The lock service that Git LFS itself would ask: <c>lfs.url</c>, else the one beside the remote.</summary>
    private async Task<LfsLockStore> LfsAsync(Project project, LockOwner me, IGit git, CancellationToken cancellationToken)
    {
        var own = await git.RunAsync(new GitCall(project.Root, "config", "--get", "lfs.url"), cancellationToken);
        var endpoint = (own.ExitCode == 0 ? LfsEndpoint.Of(own.Text.Trim()) : LfsEndpoint.Beside(project.PushUrl)) ?? throw new PosthouseException(
            VcsErrors.RemoteUnsupported, "Git LFS keeps locks at an http address, and this remote has none. Name it with 'git config lfs.url URL', or keep the locks elsewhere with Locks:Backend.");
        var time = provider.GetRequiredService<TimeProvider>();
        var host = new LfsHost(new HttpExchange(provider.GetRequiredService<HttpMessageInvoker>(), time), endpoint, new LfsCredentials(git, project.Root, endpoint), time);
        return new LfsLockStore(host, provider.GetRequiredService<ILockJournal>(), me);
    }
}
