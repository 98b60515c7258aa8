using System.CommandLine;
using System.CommandLine.Parsing;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse lock hold [PATH] -- CMD</c>: holds a lock for as long as a command runs, and ends with that command's exit code.</summary>
internal static class LockHoldCommand
{
    public static Command Create(TimeProvider time)
    {
        var words = new Argument<string[]>("[PATH] -- CMD") { Description = "A path, or nothing for the whole project; then -- and the command with its arguments", Arity = ArgumentArity.ZeroOrMore };
        var timeout = LockCommand.Timeout();
        var message = LockCommand.Message("Why, for the others to read");
        var wait = new Option<string?>("--wait") { Description = "Waits for a lock of another, as long as given or without limit", HelpName = "DUR", Arity = ArgumentArity.ZeroOrOne };
        var stale = new Option<bool>("--allow-stale") { Description = "Takes it although the remote has commits that are not here" };
        var release = new Option<bool>("--release") { Description = "Gives it back also where this clone had it before" };
        var force = new Option<bool>("--force-unpushed") { Description = "Gives it back although commits that touch it were not pushed" };
        var command = new SelfEndingCommand("hold", "Holds a lock while a command runs") { words, timeout, message, wait, stale, release, force };
        command.SetAction(async (parsed, _) =>
        {
            var (path, child) = Split(parsed, parsed.GetValue(words) ?? []);
            using var stop = new CancellationTokenSource();
            await using var site = await ProjectSite.OpenAsync(parsed, time, stop.Token);
            if (site.Flags.Offline || site.Flags.Queue) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "hold has to have the lock now: --offline and --queue make no sense with it."); }

            var queuesRelease = !site.Flags.NoQueue;
            site.QueueNothing();
            var lease = LockAcquireCommand.Lease(parsed.GetValue(timeout), site.Configuration);
            var wish = new AcquireWish(ResourcePath.Of(site.Project.Root, site.Flags.Folder, path), lease)
            {
                Message = parsed.GetValue(message),
                AllowStale = parsed.GetValue(stale),
                Heartbeat = HeartbeatSettings.Interval(site.Configuration, lease),
                WaitFor = parsed.GetResult(wait) is null ? null : parsed.GetValue(wait) is { } most ? DurationText.Parse("--wait", most) : TimeSpan.MaxValue,
            };
            var end = await HoldAsync(site, wish, child, parsed.GetValue(release), parsed.GetValue(force), queuesRelease, stop);
            return VcsVerb.Say(site, parsed, end);
        });
        return command;
    }

    private static (string? Path, string[] Child) Split(ParseResult parsed, string[] words)
    {
        var place = parsed.Tokens.ToList().FindIndex(token => token.Type == TokenType.DoubleDash);
        var behind = place < 0 ? 0 : parsed.Tokens.Count - place - 1;
        var before = words.Length - behind;
        return behind > 0 && before is 0 or 1
            ? (before == 1 ? words[0] : null, words[before..])
            : throw new PosthouseException(ErrorCodes.OptionsInvalid, "Put -- and the command behind the path: posthouse lock hold Song.logicx -- make mix");
    }

    private static async Task<VerbEnd> HoldAsync(ProjectSite site, AcquireWish wish, string[] words, bool releasesOwn, bool leaveUnpushed, bool queuesRelease, CancellationTokenSource stop)
    {
        var desk = new LockDesk(site);
        // Until there is a child, what ends this program ends the wait for the lock.
        using var child = new HeldChild(stop.Cancel);
        var (taken, held) = await site.InTimeAsync(
            async ends =>
            {
                await site.SyncFirstAsync(ends);
                // What stays afterwards, held or queued, must not promise a heartbeat that ends with the command.
                if ((!releasesOwn && await desk.KnownAsync(wish.Key) is { View: { IsMine: true, IsHeld: true } }) || (await desk.WantedAsync()).Contains(wish.Key)) { wish = wish with { Heartbeat = null }; }
                return await new Acquisition(site, desk).RunAsync(wish, ends);
            },
            stop.Token);
        stop.Token.ThrowIfCancellationRequested();
        if (held?.Record is not { } record) { return taken; }

        foreach (var line in taken.Lines) { site.Tell(line); }
        foreach (var warning in taken.Warnings) { site.Tell($"{site.Terminal.WarningMark} {warning}"); }
        using var ends = new CancellationTokenSource();
        var keeping = new HeldLease(site, held).KeepAsync(ends.Token);
        int code;
        try
        {
            child.Start(words, site.Flags.Folder, site.Flags.Json ? site.Error : null);
            if (stop.IsCancellationRequested) { child.AskToEnd(); }
            code = await child.EndAsync();
        }
        catch (PosthouseException failure)
        {
            site.Complain($"{site.Terminal.FailedMark} {failure.Message}");
            code = HeldChild.NotFound;
        }

        await ends.CancelAsync();
        var lost = await keeping;
        // The lock had to be had at once; that it is given back may wait for the network.
        if (queuesRelease) { site.QueueAgain(); }
        var after = lost is not null ? LockText.Lost(site, lost)
            : !releasesOwn && taken.Status == Acquisition.AlreadyMine ? Kept(site, wish.Key)
            : await LockReleaseCommand.ReleaseAsync(site, desk, wish.Key, record.LockId, leaveUnpushed, CancellationToken.None);
        var now = await desk.KnownAsync(wish.Key) is { } known ? known with { ReadAt = null } : held;
        return Together(after, now, words, code);
    }

    /// <summary>Who had the lock before wanted it for more than this command.</summary>
    private static VerbEnd Kept(ProjectSite site, ResourceKey key)
    {
        site.Tell($"{site.Terminal.NoteMark} The lock was yours before, and stays yours: 'posthouse lock release{ResourcePath.Word(site.Project.Root, site.Flags.Folder, key.Path)}' gives it back");
        return new VerbEnd("kept");
    }

    /// <summary>The command's own failure counts more than what became of the lock.</summary>
    private static VerbEnd Together(VerbEnd after, LockFace now, string[] words, int code) => after with
    {
        ExitCode = code != 0 ? code : after.ExitCode == ExitCodes.Done ? 0 : after.ExitCode,
        Status = code != 0 && after.Error is null ? "child_failed" : after.Status,
        Lines = [],
        Data = json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("child");
            foreach (var word in words) { json.WriteStringValue(word); }
            json.WriteEndArray();
            json.WriteNumber("child_exit_code", code);
            json.WritePropertyName("lock");
            LockJson.Write(json, now);
            json.WriteEndObject();
        },
    };
}
