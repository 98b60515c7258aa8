using System.CommandLine;

namespace Posthouse.Cli.Hosting;

/// <summary>Runs a verb of locks and sync inside its project and says how it ended.</summary>
internal static class VcsVerb
{
    /// <summary>Lets a verb run in its project.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="time">The clock.</param>
    /// <param name="run">What it does.</param>
    public static void Does(Command command, TimeProvider time, Func<ProjectSite, ParseResult, CancellationToken, Task<VerbEnd>> run) => Does(command, time, _ => [], run);

    /// <summary>Lets a verb run in its project, with options of its own that set keys of the configuration.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="time">The clock.</param>
    /// <param name="own">The keys that it sets.</param>
    /// <param name="run">What it does.</param>
    public static void Does(
        Command command, TimeProvider time, Func<ParseResult, IEnumerable<GivenValue>> own, Func<ProjectSite, ParseResult, CancellationToken, Task<VerbEnd>> run) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var site = await ProjectSite.OpenAsync(parsed, time, cancellationToken, own(parsed));
            return Say(site, parsed, await site.InTimeAsync(ends => run(site, parsed, ends), cancellationToken));
        });

    /// <summary>Says how a verb ended, and what the place of the locks cannot do, where that matters to it.</summary>
    public static int Say(ProjectSite site, ParseResult parsed, VerbEnd end)
    {
        var verb = CommandLine.Verb(parsed);
        var isTold = verb == "push" || (end.ExitCode == Output.ExitCodes.Done && ProjectSite.IsAboutLocks(parsed));
        string[] news = site.TakeNews() is { } one ? [one] : [];
        return (end with { Warnings = [.. end.Warnings, .. news, .. isTold ? site.Limits() : []] }).Write(verb, site.Flags, site.Terminal, site.Output, site.Error);
    }
}
