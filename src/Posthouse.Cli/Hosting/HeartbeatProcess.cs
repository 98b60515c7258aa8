using System.Diagnostics;
using Posthouse.Cli.Output;
using Posthouse.Vcs;
using Posthouse.Vcs.Heartbeat;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Hosting;

/// <summary>Starts the one process of a person that renews locks in the background, or joins it where it runs.</summary>
internal static class HeartbeatProcess
{
    /// <summary>What the process says when it serves.</summary>
    public const string Ready = "ready";

    /// <summary>The words that make this program that process.</summary>
    private static readonly string[] _words = ["lock", "heartbeat", "run"];

    /// <summary>Starting a program takes less, even on a machine that is busy.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>Where a person's verbs and the process meet.</summary>
    /// <param name="pocket">The folder of the person's store.</param>
    public static HeartbeatFolder Folder(string pocket) => new(Path.Combine(pocket, "heartbeat"));

    /// <summary>Has a held lock renewed until it is released.</summary>
    /// <param name="site">The project.</param>
    /// <param name="held">The lock.</param>
    /// <param name="interval">How often; null: as its record says, or the configuration.</param>
    /// <param name="maxHold">For how long at most; null: as configured.</param>
    /// <param name="pid">The process with which it ends, or null.</param>
    /// <param name="cancellationToken">Ends the wait for the process.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: there is no such process; LOCAL_FAILURE: it does not start.</exception>
    public static async Task<KeptLock> JoinAsync(ProjectSite site, LockFace held, TimeSpan? interval, TimeSpan? maxHold, int? pid, CancellationToken cancellationToken)
    {
        var record = held.Record!;
        var kept = new KeptLock(site.Project.CloneId, held.View.Key.Path, record.LockId, site.Time.GetUtcNow())
        {
            Interval = interval ?? (record.HeartbeatSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null),
            MaxHold = maxHold,
            Process = pid is { } watched ? WatchedProcess.Of(watched) ?? throw new PosthouseException(ErrorCodes.OptionsInvalid, $"--pid {pid}: there is no such process.") : null,
        };
        var folder = Folder(site.Place.Folder);
        site.Place.Prepare();
        folder.Keep(kept);
        if (!folder.IsRunning()) { await StartAsync(site, cancellationToken); }
        return kept;
    }

    /// <summary>Nobody wants this lock renewed any longer.</summary>
    /// <returns>Whether it was.</returns>
    public static bool Leave(ProjectSite site, ResourceKey key)
    {
        var folder = Folder(site.Place.Folder);
        var kept = folder.Kept().Where(one => one.CloneId == site.Project.CloneId && ResourceKey.Of(one.Resource) == key).ToList();
        kept.ForEach(folder.Drop);
        return kept.Count > 0;
    }

    /// <summary>How a kept lock is told.</summary>
    public static string Line(KeptLock kept, ProjectSite site)
    {
        var options = HeartbeatSettings.Of(site.Configuration);
        return $"  Heartbeat: every {Ages.Lease(kept.Interval ?? options.Interval)} until it is released, for {Ages.Lease(kept.MaxHold ?? options.MaxHold)} at most";
    }

    private static async Task StartAsync(ProjectSite site, CancellationToken cancellationToken)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = site.Place.Folder };
        // Started as "dotnet Posthouse.Cli.dll", the program is the runtime and the first word is ours.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") { start.ArgumentList.Add(typeof(HeartbeatProcess).Assembly.Location); }
        foreach (var word in _words) { start.ArgumentList.Add(word); }
        // It lives on when this program has ended, so nobody would read its log.
        start.Environment.Remove(LineLog.Variable);
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(_patience, site.Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (await process.StandardOutput.ReadLineAsync(ends.Token) == Ready) { return; }
            var said = await process.StandardError.ReadToEndAsync(ends.Token);
            throw new PosthouseException(VcsErrors.LocalFailure, $"The heartbeat does not start: {said.Trim()}");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new PosthouseException(VcsErrors.LocalFailure, $"The heartbeat did not start within {_patience.TotalSeconds:0} s. The lock is held; renew it with 'posthouse lock renew'.");
        }
    }
}
