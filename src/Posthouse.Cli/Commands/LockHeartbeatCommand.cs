using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs.Heartbeat;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse lock heartbeat</c>: has a lock renewed in the background, by one process for all of a person's locks.</summary>
internal static class LockHeartbeatCommand
{
    public static Command Create(TimeProvider time) => new("heartbeat", "Has a lock renewed in the background") { Start(time), Stop(time), Status(time), Run(time) };

    private static Command Start(TimeProvider time)
    {
        var path = LockCommand.Path();
        var interval = new Option<string?>("--interval") { Description = "How often, at most a third of the lease; otherwise Heartbeat:Interval", HelpName = "DUR" };
        var most = new Option<string?>("--max-hold") { Description = "For how long at most; otherwise Locks:MaxHold", HelpName = "DUR" };
        var pid = new Option<int?>("--pid") { Description = "Ends with this process", HelpName = "PID" };
        var command = new Command("start", "Renews a lock that this clone holds until it is released") { path, interval, most, pid };
        VcsVerb.Does(command, time, async (site, parsed, cancellationToken) =>
        {
            var key = ResourcePath.Of(site.Project.Root, site.Flags.Folder, parsed.GetValue(path));
            var desk = new LockDesk(site);
            var held = await desk.KnownAsync(key);
            if (held is not { View: { IsMine: true, IsHeld: true } })
            {
                return VerbEnd.Failed(Vcs.VcsErrors.LockNotHeld, $"This clone holds no lock on {LockBox.Named(key.Path)}, so there is nothing to renew.", "'posthouse lock acquire --heartbeat' takes one and renews it.");
            }

            var kept = await HeartbeatProcess.JoinAsync(site, held,
                parsed.GetValue(interval) is { } every ? DurationText.Parse("--interval", every) : null,
                parsed.GetValue(most) is { } limit ? DurationText.Parse("--max-hold", limit) : null, parsed.GetValue(pid), cancellationToken);
            return new VerbEnd("started")
            {
                Lines = [TextTable.Clean($"{site.Terminal.DoneMark} Heartbeat started for {LockBox.Named(key.Path)}", site.Terminal.Unicode), HeartbeatProcess.Line(kept, site)],
                Data = json => Write(json, kept, null),
            };
        });
        return command;
    }

    private static Command Stop(TimeProvider time)
    {
        var path = LockCommand.Path();
        var command = new Command("stop", "Renews a lock no more; it stays held until its lease ends") { path };
        VcsVerb.Does(command, time, (site, parsed, _) =>
        {
            var key = ResourcePath.Of(site.Project.Root, site.Flags.Folder, parsed.GetValue(path));
            var was = HeartbeatProcess.Leave(site, key);
            return Task.FromResult(new VerbEnd(was ? "stopped" : "not_running")
            {
                Lines = [TextTable.Clean(was ? $"{site.Terminal.DoneMark} Heartbeat stopped for {LockBox.Named(key.Path)}" : $"No heartbeat runs for {LockBox.Named(key.Path)}.", site.Terminal.Unicode)],
            });
        });
        return command;
    }

    private static Command Status(TimeProvider time)
    {
        var command = new Command("status", "Shows which locks of this clone are renewed in the background");
        VcsVerb.Does(command, time, (site, _, _) =>
        {
            var folder = HeartbeatProcess.Folder(site.Place.Folder);
            var (kept, isRunning) = (folder.Kept().Where(one => one.CloneId == site.Project.CloneId).ToList(), folder.IsRunning());
            var states = folder.Status()?.Locks ?? [];
            return Task.FromResult(new VerbEnd(kept.Count == 0 ? "none" : isRunning ? "running" : "stalled")
            {
                Lines = kept.Count == 0 ? ["No lock of this clone is renewed in the background."] : [.. kept.SelectMany(one => Lines(one, StateOf(one, states), site, time.GetUtcNow()))],
                Warnings = kept.Count > 0 && !isRunning ? ["The process that renews them has ended: start it again with 'posthouse lock heartbeat start'."] : [],
                Data = json =>
                {
                    json.WriteStartObject();
                    json.WriteBoolean("is_running", isRunning);
                    json.WriteStartArray("heartbeats");
                    foreach (var one in kept) { Write(json, one, StateOf(one, states)); }
                    json.WriteEndArray();
                    json.WriteEndObject();
                },
            });
        });
        return command;
    }

    private static SelfEndingCommand Run(TimeProvider time)
    {
        var command = new SelfEndingCommand("run", "The background process itself") { Hidden = true };
        command.SetAction(async (parsed, _) =>
        {
            var places = Places.OfProcess();
            var folder = HeartbeatProcess.Folder(places.Pocket);
            var configuration = Configuration.Load(places, [], parsed.GetValue(CommandLine.Set) ?? []);
            using var stop = new CancellationTokenSource();
            // The terminal that it was started from may close, and Ctrl+C there is not for it.
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                stop.Cancel();
            });
            var isTold = false;
            // Who adds a wish while the last one ends sees the process and starts none, so it looks once more when its turn is over.
            do
            {
                using var turn = folder.TryBegin();
                if (!isTold) { parsed.InvocationConfiguration.Output.WriteLine(HeartbeatProcess.Ready); }
                isTold = true;
                if (turn is null) { return ExitCodes.Done; }
                await using var services = VcsPocket.Container(new StorePlace(StoreKind.Pocket, places.Pocket), configuration, time);
                var renewal = new LeaseRenewal(services.GetRequiredService<IWorkplaces>(), services.GetRequiredService<LockBook>(), services.GetRequiredService<IStore>());
                await new HeartbeatLoop(folder, renewal, HeartbeatSettings.Of(configuration), SystemIds.Instance, time, _ => { }).RunAsync(stop.Token);
            }
            while (folder.Kept().Count > 0);
            return ExitCodes.Done;
        });
        return command;
    }

    private static KeptState? StateOf(KeptLock kept, IReadOnlyList<KeptState> states) =>
        states.FirstOrDefault(state => state.Lock.CloneId == kept.CloneId && state.Lock.LockId == kept.LockId);

    private static IEnumerable<string> Lines(KeptLock kept, KeptState? state, ProjectSite site, DateTimeOffset now)
    {
        yield return TextTable.Clean($"{LockBox.Named(kept.Resource)} ({kept.LockId})", site.Terminal.Unicode);
        yield return HeartbeatProcess.Line(kept, site);
        yield return $"  Last renewed: {(state?.RenewedAt is { } at ? Ages.Ago(at, now) : "not yet")}";
        if (kept.Process is { } process) { yield return string.Create(CultureInfo.InvariantCulture, $"  Ends with process {process.Id}"); }
        if (state is { Failures: > 0, LastError: { } error }) { yield return TextTable.Clean($"  {site.Terminal.WarningMark} {error}", site.Terminal.Unicode); }
    }

    private static void Write(Utf8JsonWriter json, KeptLock kept, KeptState? state)
    {
        json.WriteStartObject();
        json.WriteString("path", kept.Resource);
        json.WriteString("lock_id", kept.LockId);
        json.WriteString("since", kept.Since.UtcDateTime);
        if (kept.Interval is { } interval) { json.WriteNumber("interval_s", (long)interval.TotalSeconds); }
        if (kept.MaxHold is { } most) { json.WriteNumber("max_hold_s", (long)most.TotalSeconds); }
        if (kept.Process is { } process) { json.WriteNumber("pid", process.Id); }
        if (state?.RenewedAt is { } at) { json.WriteString("renewed_at", at.UtcDateTime); }
        if (state is { Failures: > 0 })
        {
            json.WriteNumber("failures", state.Failures);
            json.WriteString("last_error", state.LastError);
        }

        json.WriteEndObject();
    }
}
