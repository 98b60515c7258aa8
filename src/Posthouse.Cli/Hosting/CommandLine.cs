using System.CommandLine;
using System.CommandLine.Parsing;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Hosting;

/// <summary>Runs the command tree: what cannot be parsed and what fails as expected becomes one clear message and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Configuration from the command line; every verb takes it.</summary>
    public static readonly Option<string[]> Set = new("--set")
    {
        Description = "Sets one configuration key: --set Key=Value; may be repeated",
        HelpName = "Key=Value",
        Arity = ArgumentArity.OneOrMore,
        Recursive = true,
    };

    /// <summary>How long a verb gets to end after Ctrl+C or SIGTERM: a server's handlers have 20 s, and then their jobs are given back.</summary>
    private static readonly TimeSpan _endWithin = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(Command root, string[] arguments, TextWriter? output = null, TextWriter? error = null, CancellationToken cancellationToken = default)
    {
        var console = new InvocationConfiguration { Output = output ?? Console.Out, Error = error ?? Console.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = _endWithin };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0) { return Explain(parsed, console.Error); }

        try
        {
            return await parsed.InvokeAsync(console, cancellationToken);
        }
        catch (PosthouseException failure)
        {
            // A message may quote a stranger.
            var unicode = Terminal.OfProcess().Unicode;
            foreach (var line in failure.Message.Split('\n')) { await console.Error.WriteLineAsync("posthouse: " + TextTable.Clean(line.TrimEnd('\r'), unicode)); }
            return ExitCodes.For(failure.Code);
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }

    /// <summary>The configuration as this command line gives it.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="options">Values of the verb's own options.</param>
    public static Configuration Configuration(ParseResult parsed, params IEnumerable<GivenValue> options) =>
        Hosting.Configuration.Load(Places.OfProcess(), [], parsed.GetValue(Set) ?? [], options);

    private static int Explain(ParseResult parsed, TextWriter error)
    {
        var words = parsed.UnmatchedTokens;
        var command = parsed.CommandResult.Command;
        var path = string.Join(' ', Path(parsed.CommandResult));
        var verbs = command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name).ToList();
        if (words.Count > 0 && verbs.Count > 0 && !words[0].StartsWith('-'))
        {
            var guess = Suggestion.For(words[0], verbs);
            error.WriteLine($"posthouse: '{path}' has no verb '{words[0]}'; {(guess is null ? "it has " + string.Join(", ", verbs) : $"did you mean '{guess}'?")}");
        }
        else if (words.Count > 0 && words[0].StartsWith('-') && Suggestion.For(words[0], command.Options.Select(option => option.Name)) is { } option)
        {
            error.WriteLine($"posthouse: '{path}' has no option '{words[0]}'; did you mean '{option}'?");
        }
        else if (words.Count == 0 && verbs.Count > 0)
        {
            error.WriteLine($"posthouse: '{path}' needs a verb: {string.Join(", ", verbs)}");
        }
        else
        {
            error.WriteLine("posthouse: " + parsed.Errors[0].Message);
        }

        error.WriteLine($"'{path} --help' shows what it takes.");
        return ExitCodes.Usage;
    }

    private static IEnumerable<string> Path(CommandResult result) =>
        (result.Parent is CommandResult parent ? Path(parent) : []).Append(result.Command.Name);
}
