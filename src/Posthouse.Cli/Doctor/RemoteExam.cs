using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Cli.Doctor;

/// <summary>Looks at a project's remote: whether it answers, who signs in, its clock, and what lies there and is nobody's any more.</summary>
/// <param name="git">Git.</param>
/// <param name="project">The project.</param>
/// <param name="locks">Its locks.</param>
/// <param name="tolerance">How far clocks may differ.</param>
/// <param name="time">The clock.</param>
/// <param name="looksOnly">Whether nothing may be changed.</param>
internal sealed class RemoteExam(IGit git, Project project, LockPolicy locks, TimeSpan tolerance, TimeProvider time, bool looksOnly)
{
    /// <summary>A lock whose lease has been over for so long was forgotten: its holder would have renewed it the next day.</summary>
    private static readonly TimeSpan _forgottenAfter = TimeSpan.FromHours(24);

    /// <summary>Looks whether the remote takes connections and says nothing, which Git would wait long for.</summary>
    public required Func<CancellationToken, Task<bool>> IsSilent { get; init; }

    /// <summary>The folder that what is advised is typed in.</summary>
    public required string Folder { get; init; }

    /// <summary>Where locks are kept, in words; null: on the remote.</summary>
    public string? LocksElsewhere { get; init; }

    public async IAsyncEnumerable<Finding> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Address();
        if (SignInPlace.TryParse(project.PushUrl, out var place)) { yield return await CredentialsAsync(place, cancellationToken); }

        var answer = await IsSilent(cancellationToken) ? null
            : await git.RunAsync(new GitCall(project.Root, "ls-remote", "--heads", "--", project.PushUrl) { Talks = true }, cancellationToken);
        var failure = answer is null ? RemoteReach.Silent : answer.ExitCode == 0 ? null : GitFailures.Judge(answer);
        yield return Reach(failure);
        yield return Clock(answer?.ServerTime is { } server ? time.GetUtcNow() - server : null, tolerance);
        if (failure is null) { yield return await TryAsync("unfinished pushes", () => StagesAsync(cancellationToken)); }
        if (LocksElsewhere is not null) { yield return new Finding("lock place", Health.Good, $"locks are kept in {LocksElsewhere}"); }
        yield return failure is not null && LocksElsewhere is null
            ? new Finding("locks", Health.Skipped, "the remote was not reached")
            : await TryAsync("locks", () => ForgottenAsync(cancellationToken));
    }

    /// <summary>Judges how the remote answered.</summary>
    internal static Finding Reach(RemoteFailure? failure) => failure switch
    {
        null => new Finding("remote", Health.Good, "answers"),
        { MayWait: true } => new Finding("remote", Health.Notable, failure.Message, "What you do is queued and sent when it answers again."),
        _ => new Finding("remote", Health.Broken, failure.Message, failure.Hint),
    };

    /// <summary>Judges the distance of two clocks.</summary>
    internal static Finding Clock(TimeSpan? ahead, TimeSpan tolerance)
    {
        if (ahead is not { } distance) { return new Finding("clock", Health.Skipped, "the remote tells no time"); }

        var text = distance.Duration() < TimeSpan.FromSeconds(2)
            ? "agrees with the remote's"
            : string.Create(CultureInfo.InvariantCulture, $"is {Ages.Left(distance.Duration())} {(distance > TimeSpan.Zero ? "ahead of" : "behind")} the remote's");
        return distance.Duration() <= tolerance
            ? new Finding("clock", Health.Good, text)
            : new Finding("clock", Health.Broken, text + ": leases are misjudged", "Set this machine's clock, or have it set by the network.");
    }

    private Finding Address()
    {
        var shown = Secrets.Strip(project.PushUrl);
        var holdsSecret = Uri.TryCreate(project.PushUrl, UriKind.Absolute, out var uri) && uri.UserInfo.Contains(':', StringComparison.Ordinal);
        return holdsSecret
            ? new Finding("address", Health.Notable, $"{shown} holds a password, in a file that others may read", $"Say 'posthouse auth login', and then 'git remote set-url {project.Remote}' with the address without it.")
            : new Finding("address", Health.Good, $"{project.Remote} is {shown}");
    }

    private async Task<Finding> CredentialsAsync(SignInPlace place, CancellationToken cancellationToken)
    {
        var credentials = new Credentials(git, project.Root);
        var helpers = await credentials.HelpersAsync(place, cancellationToken);
        var known = await credentials.FindAsync(place, cancellationToken);
        return known is not null ? new Finding("credentials", Health.Good, $"kept for {place.Host} ({string.Join(", ", helpers.DefaultIfEmpty("in the address"))})")
            : helpers.Count > 0 ? new Finding("credentials", Health.Notable, $"none kept for {place.Host}", "Say 'posthouse auth login' if the remote wants some.")
            : new Finding("credentials", Health.Notable, "Git has no credential helper here", "Say 'git config --global credential.helper cache' or another helper, then 'posthouse auth login'.");
    }

    private async Task<Finding> StagesAsync(CancellationToken cancellationToken)
    {
        var cleanup = new StageCleanup(git, project, time);
        var abandoned = await cleanup.FindAbandonedAsync(cancellationToken);
        if (abandoned.Count == 0) { return new Finding("unfinished pushes", Health.Good, "none was abandoned"); }

        if (looksOnly)
        {
            return new Finding("unfinished pushes", Health.Notable, string.Create(CultureInfo.InvariantCulture, $"{abandoned.Count} abandoned batch(es) lie on the remote"),
                "'posthouse doctor' without --look-only removes them.");
        }

        var removed = await cleanup.RemoveAsync(abandoned, cancellationToken);
        return new Finding("unfinished pushes", Health.Good, string.Create(CultureInfo.InvariantCulture, $"{removed} abandoned batch(es) were removed from the remote"));
    }

    private async Task<Finding> ForgottenAsync(CancellationToken cancellationToken)
    {
        var held = 0;
        var forgotten = new List<(ResourceKey Key, LockRecord Record)>();
        await foreach (var view in locks.ListAsync(cancellationToken))
        {
            if (view.IsHeld) { held++; }
            if (view is { IsHeld: true, Record: { } record } && time.GetUtcNow() - record.ExpiresAt > _forgottenAfter) { forgotten.Add((view.Key, record)); }
        }

        return forgotten.Count == 0
            ? new Finding("locks", Health.Good, string.Create(CultureInfo.InvariantCulture, $"{held} held, none forgotten"))
            : new Finding("locks", Health.Notable, "forgotten for more than a day: " + string.Join(", ", forgotten.Select(one => $"{LockBox.Named(one.Record.Path)} by {one.Record.Owner.Named}")),
                "Ask its holder, or take it: " + string.Join("; ", forgotten.Select(one => $"posthouse lock break{ResourcePath.Word(project.Root, Folder, one.Key.Path)} --force --lock-id {one.Record.LockId}")));
    }

    private static async Task<Finding> TryAsync(string name, Func<Task<Finding>> look)
    {
        try
        {
            return await look();
        }
        catch (VcsException error) when (error.Failure.Code == VcsErrors.LocksOff)
        {
            return new Finding(name, Health.Skipped, error.Failure.Message, error.Failure.Hint);
        }
        catch (VcsException error)
        {
            return new Finding(name, Health.Broken, error.Failure.Message, error.Failure.Hint);
        }
    }
}
