using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Hosting;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse lock acquire [PATH]</c>: takes a lock, or queues that where the network is away.</summary>
internal static class LockAcquireCommand
{
    public static Command Create(TimeProvider time)
    {
        var path = LockCommand.Path();
        var timeout = LockCommand.Timeout();
        var wait = new Option<string?>("--wait") { Description = "Waits for a lock of another, as long as given or without limit", HelpName = "DUR", Arity = ArgumentArity.ZeroOrOne };
        var heartbeat = new Option<bool>("--heartbeat") { Description = "Has it renewed in the background until it is released" };
        var message = LockCommand.Message("Why, for the others to read");
        var stale = new Option<bool>("--allow-stale") { Description = "Takes it although the remote has commits that are not here" };
        var branch = new Option<string?>("--branch") { Description = "The branch you work on; otherwise the present one", HelpName = "NAME" };
        var age = new Option<string?>("--max-queue-age") { Description = "How long it may wait in the queue; otherwise Sync:AcquireMaxAge", HelpName = "DUR" };
        var conflict = new Option<string?>("--on-conflict") { Description = "What a queued one does when another has the lock: fail or wait", HelpName = "WHAT" };
        conflict.AcceptOnlyFromAmong("fail", "wait");
        var command = new Command("acquire", "Takes a lock") { path, timeout, wait, heartbeat, message, stale, branch, age, conflict };
        VcsVerb.Does(command, time, parsed => parsed.GetValue(age) is { } most ? [MaxAge(most)] : [], async (site, parsed, cancellationToken) =>
        {
            var configuration = site.Configuration;
            var wish = new AcquireWish(ResourcePath.Of(site.Project.Root, site.Flags.Folder, parsed.GetValue(path)), Lease(parsed.GetValue(timeout), configuration))
            {
                Message = parsed.GetValue(message),
                AllowStale = parsed.GetValue(stale),
                Branch = parsed.GetValue(branch),
                WaitsInQueue = parsed.GetValue(conflict) == "wait",
                WaitFor = parsed.GetResult(wait) is null ? null : parsed.GetValue(wait) is { } most ? DurationText.Parse("--wait", most) : TimeSpan.MaxValue,
            };
            if (parsed.GetValue(heartbeat)) { wish = wish with { Heartbeat = HeartbeatSettings.Interval(configuration, wish.Lease) }; }
            await site.SyncFirstAsync(cancellationToken);
            var (end, held) = await new Acquisition(site, new LockDesk(site)).RunAsync(wish, cancellationToken);
            if (held?.Record is null || wish.Heartbeat is null || !site.Locks.Capabilities.HasFlag(LockCapabilities.Renewal)) { return end; }

            var beat = await HeartbeatProcess.JoinAsync(site, held, wish.Heartbeat, null, null, cancellationToken);
            return end with { Lines = [.. end.Lines, HeartbeatProcess.Line(beat, site)] };
        });
        return command;
    }

    private static GivenValue MaxAge(string given) =>
        new(ConfigurationKeys.SyncAcquireMaxAge, DurationText.Parse("--max-queue-age", given).ToString("c", CultureInfo.InvariantCulture), "--max-queue-age");

    /// <summary>The lease that is asked for.</summary>
    public static TimeSpan Lease(string? given, Configuration configuration) =>
        given is null ? configuration.Duration(ConfigurationKeys.LocksTimeout) : DurationText.Parse("--timeout", given, TimeSpan.FromHours(1));
}
