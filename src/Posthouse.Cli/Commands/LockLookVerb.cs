using System.CommandLine;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary>What the verbs that look at locks have in common: the remote first, the memory where that is away or wanted, once or again and again.</summary>
internal static class LockLookVerb
{
    /// <summary>A colleague who waits for a lock notices no difference to at once, and the remote none to idle.</summary>
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(5);

    /// <summary>Lets a verb look.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="time">The clock.</param>
    /// <param name="show">Says what was seen.</param>
    public static void Does(Command command, TimeProvider time, Func<ParseResult, VcsFlags, LockLook, Terminal, VerbEnd> show)
    {
        LockFilters.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var isWatched = LockFilters.IsWatched(parsed);
            if (LockFilters.IsCached(parsed)) { return await RememberAsync(parsed, time, show, cancellationToken); }

            await using var site = await ProjectSite.OpenAsync(parsed, time, cancellationToken);
            var desk = new LockDesk(site);
            if (isWatched) { await WatchAsync(parsed, site, desk, show, cancellationToken); }
            var look = await site.InTimeAsync(ends => LookAsync(site, desk, ends), cancellationToken);
            return VcsVerb.Say(site, parsed, Show(parsed, site.Flags, look, site.Terminal, show, time));
        });
    }

    private static async Task<LockLook> LookAsync(ProjectSite site, LockDesk desk, CancellationToken cancellationToken)
    {
        await site.SyncFirstAsync(cancellationToken);
        return await LockLook.TakeAsync(site, desk, cancellationToken);
    }

    private static async Task<int> RememberAsync(ParseResult parsed, TimeProvider time, Func<ParseResult, VcsFlags, LockLook, Terminal, VerbEnd> show, CancellationToken cancellationToken)
    {
        var flags = VcsFlags.Of(parsed);
        var places = Places.OfProcess(flags.Folder);
        var configuration = Configuration.Load(places, [], parsed.GetValue(CommandLine.Set) ?? []);
        var terminal = ProjectSite.TerminalOf(flags, configuration);
        var look = await LockLook.RememberAsync(flags, configuration, places.Pocket, time, cancellationToken);
        var to = parsed.InvocationConfiguration;
        return Show(parsed, flags, look, terminal, show, time).Write(CommandLine.Verb(parsed), flags, terminal, to.Output, to.Error);
    }

    /// <summary>Shows the locks after each change; ends by being cancelled.</summary>
    /// <remarks>A watch has no end that a deadline could give it.</remarks>
    private static async Task WatchAsync(
        ParseResult parsed, ProjectSite site, LockDesk desk, Func<ParseResult, VcsFlags, LockLook, Terminal, VerbEnd> show, CancellationToken cancellationToken)
    {
        await site.SyncFirstAsync(cancellationToken);
        for (string? seen = null; ; await Task.Delay(_lookEvery, site.Time, cancellationToken))
        {
            var look = await LockLook.TakeAsync(site, desk, cancellationToken);
            var version = string.Join('\n', look.Faces.Select(face => $"{face.View.Key.Hex} {face.View.Version.Value} {face.View.Standing}")) + look.IsRemembered;
            if (version == seen) { continue; }

            seen = version;
            var end = Show(parsed, site.Flags, look, site.Terminal, show, site.Time);
            if (site.Flags.Json)
            {
                site.Output.WriteLine(new Envelope(CommandLine.Verb(parsed), end.Status, end.ExitCode) { Data = end.Data, Warnings = end.Warnings, Error = end.Error }.Text(oneLine: true));
                continue;
            }

            site.Output.WriteLine(Ages.Utc(site.Time.GetUtcNow()));
            VcsVerb.Say(site, parsed, end);
        }
    }

    private static VerbEnd Show(
        ParseResult parsed, VcsFlags flags, LockLook look, Terminal terminal, Func<ParseResult, VcsFlags, LockLook, Terminal, VerbEnd> show, TimeProvider time)
    {
        var end = show(parsed, flags, look, terminal);
        return end with { Warnings = [.. look.Warnings(time.GetUtcNow(), flags.Folder), .. end.Warnings] };
    }
}
