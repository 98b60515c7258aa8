using System.CommandLine;
using System.CommandLine.Parsing;
using Posthouse.Cli.Diagnostics;
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

    /// <summary>Whether a program reads the output; for verbs, or groups of verbs, that can write JSON.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "Writes JSON", Recursive = true };

    /// <summary>How long a verb gets to end after Ctrl+C or SIGTERM: a server's handlers have 20 s, and then their jobs are given back.</summary>
    private static readonly TimeSpan _endWithin = TimeSpan.FromSeconds(30);

    /// <summary>Runs one command line.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="arguments">The words.</param>
    /// <param name="output">Standard output, where it is not the process's own.</param>
    /// <param name="error">Standard error, where it is not the process's own.</param>
    /// <param name="log">Opens the verb's log on standard error; without it, or where it opens none, the verb tells nothing of itself.</param>
    /// <param name="cancellationToken">Interrupts the verb.</param>
    public static async Task<int> RunAsync(
        Command root, string[] arguments, TextWriter? output = null, TextWriter? error = null, Func<TextWriter, VerbLog?>? log = null, CancellationToken cancellationToken = default)
    {
        var console = new Invocation { Output = output ?? Console.Out, Error = error ?? Console.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = _endWithin };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0) { return Explain(parsed, console.Error); }

        var verb = string.Join(' ', Path(parsed.CommandResult));
        var code = await EndAsync(console, verb, async () =>
        {
            console.Log = log?.Invoke(console.Error);
            console.Log?.Begun(verb);
            return await parsed.InvokeAsync(console, cancellationToken);
        });
        console.Log?.Ended(verb, code);
        return code;
    }

    /// <summary>The log of the running verb, or null where none is wanted.</summary>
    public static VerbLog? LogOf(ParseResult parsed) => (parsed.InvocationConfiguration as Invocation)?.Log;

    /// <summary>The configuration as this command line gives it.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="options">Values of the verb's own options.</param>
    public static Configuration Configuration(ParseResult parsed, params IEnumerable<GivenValue> options) => Configuration(parsed, [], options);

    /// <summary>The same, for a mode with defaults of its own.</summary>
    public static Configuration Configuration(ParseResult parsed, IEnumerable<GivenValue> defaults, IEnumerable<GivenValue> options)
    {
        var configuration = Hosting.Configuration.Load(Places.OfProcess(), defaults, parsed.GetValue(Set) ?? [], options);
        LogOf(parsed)?.Configured(configuration);
        return configuration;
    }

    /// <summary>What a verb ends with; an expected failure is said in a clear message.</summary>
    private static async Task<int> EndAsync(Invocation console, string verb, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (PosthouseException failure)
        {
            console.Log?.Failed(verb, failure);
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

    /// <summary>What one run of a verb stands on, its log among it.</summary>
    private sealed class Invocation : InvocationConfiguration
    {
        public VerbLog? Log { get; set; }
    }
}
