using System.CommandLine;
using Posthouse.Cli.Output;
using Posthouse.Vcs.Git;

namespace Posthouse.Cli.Hosting;

/// <summary>What verbs stand on that need Git but no project: making one, signing in, looking what is wrong.</summary>
/// <param name="Folder">Where the verb works, in full.</param>
/// <param name="Git">The machine's Git.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Terminal">What the far end can show, and whether it can be asked.</param>
/// <param name="Json">Whether a program reads the output.</param>
/// <param name="Quiet">Whether only what went wrong is told.</param>
internal sealed record GitSite(string Folder, IGit Git, TextWriter Output, TextWriter Error, Terminal Terminal, bool Json, bool Quiet)
{
    public static GitSite Of(ParseResult parsed, TimeProvider time)
    {
        var flags = VcsFlags.Of(parsed);
        var terminal = Terminal.OfProcess();
        terminal = terminal with { Colour = terminal.Colour && !flags.NoColor, IsInteractive = terminal.IsInteractive && !flags.NoInput && !flags.Json };
        return new GitSite(flags.Folder, new GitProgram(time, new GitOptions()), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, terminal, flags.Json, flags.Quiet);
    }

    /// <summary>The options of such a verb.</summary>
    public static void AddFlagsTo(Command command)
    {
        foreach (var option in (ReadOnlySpan<Option>)[VcsFlags.JsonOption, VcsFlags.QuietOption, VcsFlags.VerboseOption, VcsFlags.NoColorOption, VcsFlags.NoInputOption, VcsFlags.ProjectOption]) { command.Options.Add(option); }
    }

    /// <summary>A line for people, with what comes from strangers made harmless.</summary>
    public void Say(string line)
    {
        if (!Json && !Quiet) { Output.WriteLine(TextTable.Clean(line, Terminal.Unicode)); }
    }
}
