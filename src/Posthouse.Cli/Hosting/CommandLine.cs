using System.CommandLine;
using System.CommandLine.Parsing;
using Posthouse.Cli.Diagnostics;
using Posthouse.Cli.Output;
using Posthouse.Vcs;

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

    /// <summary>The folder to work in, as Git takes it: before the verb, and so for every verb.</summary>
    public static readonly Option<string?> Folder = new("-C") { Description = "Works in this folder; stands before the verb", HelpName = "DIR" };

    /// <summary>Whether a program reads the output; for verbs, or groups of verbs, that can write JSON.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "Writes JSON", Recursive = true };

    /// <summary>How long a verb gets to end after Ctrl+C or SIGTERM: a server's handlers have 20 s, and then their jobs are given back.</summary>
    private static readonly TimeSpan _endWithin = TimeSpan.FromSeconds(30);

    /// <summary>The verbs of locks and sync, of the queue that they share, of the price mesh, and of the configuration.</summary>
    private static readonly HashSet<string> _enveloped = ["auth", "backup", "comment", "config", "doctor", "history", "init", "lock", "mesh", "prices", "pull", "push", "queue", "remote", "restore", "store", "version"];

    /// <summary>Runs one command line.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="arguments">The words.</param>
    /// <param name="output">Standard output, where it is not the process's own.</param>
    /// <param name="error">Standard error, where it is not the process's own.</param>
    /// <param name="log">Opens the verb's log on standard error, told whether each step is wanted; without it, or where it opens none, the verb tells nothing of itself.</param>
    /// <param name="signals">The clock of a process that ends by Ctrl+C and SIGTERM; without it they are somebody else's.</param>
    /// <param name="cancellationToken">Interrupts the verb.</param>
    public static async Task<int> RunAsync(
        Command root, string[] arguments, TextWriter? output = null, TextWriter? error = null, Func<TextWriter, bool, VerbLog?>? log = null, TimeProvider? signals = null,
        CancellationToken cancellationToken = default)
    {
        var console = new Invocation { Output = output ?? Console.Out, Error = error ?? Console.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        var parsed = root.Parse(Usual(arguments));
        var verb = string.Join(' ', Path(parsed.CommandResult));
        if (parsed.Errors.Count > 0 || Mistyped(parsed).Count > 0) { return await EndAsync(console, parsed, verb, null, () => Task.FromResult(Explain(parsed, console))); }

        using var ending = signals is null || parsed.CommandResult.Command is SelfEndingCommand ? null : new EndingSignals(signals, _endWithin);
        using var reader = signals is not null && IsWatching(parsed) ? new OutputReader(signals) : null;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ending?.Token ?? CancellationToken.None, reader?.Token ?? CancellationToken.None);
        var running = EndAsync(console, parsed, verb, ending, async () =>
        {
            console.Log = log?.Invoke(console.Error, Has(parsed, "--verbose") || Has(parsed, "-v"));
            console.Log?.Begun(verb);
            if (parsed.GetValue(Folder) is { } folder) { Enter(folder); }
            return await InvokeAsync(parsed, console, ends.Token);
        });
        var code = ending is null || await Task.WhenAny(running, ending.Overdue) == running ? await running : ending.Code;
        // Who read as much as they wanted were served.
        if (reader is { Token.IsCancellationRequested: true } && ending is not { Token.IsCancellationRequested: true }) { code = ExitCodes.Done; }
        console.Log?.Ended(verb, code);
        return code;
    }

    /// <summary>The log of the running verb, or null where none is wanted.</summary>
    public static VerbLog? LogOf(ParseResult parsed) => (parsed.InvocationConfiguration as Invocation)?.Log;

    /// <summary>The folder that a verb is about, in full: that of <c>-C</c> behind the verb, else the working folder.</summary>
    public static string FolderOf(ParseResult parsed) => System.IO.Path.GetFullPath(parsed.GetValue(VcsFlags.ProjectOption) ?? Environment.CurrentDirectory);

    /// <summary>The configuration as this command line gives it.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="options">Values of the verb's own options.</param>
    public static Configuration Configuration(ParseResult parsed, params IEnumerable<GivenValue> options) => Configuration(parsed, [], options);

    /// <summary>The same, for a mode with defaults of its own.</summary>
    public static Configuration Configuration(ParseResult parsed, IEnumerable<GivenValue> defaults, IEnumerable<GivenValue> options)
    {
        var configuration = Hosting.Configuration.Load(Places.OfProcess(FolderOf(parsed)), defaults, parsed.GetValue(Set) ?? [], options);
        LogOf(parsed)?.Configured(configuration);
        return configuration;
    }

    /// <summary>What people type by habit.</summary>
    private static string[] Usual(string[] words) => words switch
    {
        ["--version"] => ["version"],
        ["help", .. var verb] => [.. verb, "--help"],
        _ => BehindTheVerb(words),
    };

    /// <summary>What tells every verb how to go about it may stand before the verb, too; it is put behind it, and before what belongs to another command.</summary>
    private static string[] BehindTheVerb(string[] words)
    {
        List<string> stays = [], moves = [];
        var verb = 0;
        while (verb < words.Length && words[verb].Split('=')[0] is var name && Leading(name) is { } flag)
        {
            var length = flag.ValueType == typeof(bool) || words[verb] != name ? 1 : 2;
            (flag == Folder || flag == Set ? stays : moves).AddRange(words.Skip(verb).Take(length));
            verb += length;
        }

        var end = Array.IndexOf(words, "--", Math.Min(verb, words.Length));
        return verb >= words.Length ? words : end < 0 ? [.. stays, .. words[verb..], .. moves] : [.. stays, .. words[verb..end], .. moves, .. words[end..]];

        Option? Leading(string name) => new Option[] { Folder, Set }.Concat(VcsFlags.All).FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));
    }

    /// <summary>A store that this very verb finds damaged is put aside when it is opened, deep inside; what was queued in it is gone from here, so that is said however the verb ends.</summary>
    private static async Task<int> InvokeAsync(ParseResult parsed, Invocation console, CancellationToken cancellationToken)
    {
        var place = new StorePlace(StoreKind.Pocket, parsed.GetValue(QueueSite.DataOption) is { } given ? System.IO.Path.GetFullPath(given) : Places.OfProcess().Pocket);
        var before = place.PutAside;
        try
        {
            return await parsed.InvokeAsync(console, cancellationToken);
        }
        finally
        {
            foreach (var path in place.PutAside.Except(before))
            {
                console.Error.WriteLine("posthouse: " + TextTable.Clean(PutAsideText.Of(path), Terminal.OfProcess().Unicode));
                console.Error.WriteLine(PutAsideText.Hint);
            }
        }
    }

    private static void Enter(string folder)
    {
        if (!Directory.Exists(folder)) { throw new PosthouseException(VcsErrors.NotAProject, $"There is no folder {folder}."); }
        Environment.CurrentDirectory = folder;
    }

    /// <summary>
    /// Whether the verb writes one document of the common shape on every path. The verbs of trade have shapes of their own, and say
    /// on standard error what went wrong.
    /// </summary>
    private static bool IsEnveloped(ParseResult parsed) =>
        Has(parsed, "--json") && Path(parsed.CommandResult).Skip(1).FirstOrDefault() is { } verb && _enveloped.Contains(verb);

    /// <summary>Whether the verb shows what changes until it is ended.</summary>
    private static bool IsWatching(ParseResult parsed) => Has(parsed, "--watch") || Has(parsed, "-w");

    private static bool Has(ParseResult parsed, string option) => parsed.Tokens.Any(token => token.Type == TokenType.Option && token.Value == option);

    /// <summary>A verb's words without the program's name.</summary>
    public static string Verb(ParseResult parsed) => string.Join(' ', Path(parsed.CommandResult).Skip(1));

    /// <summary>What a verb ends with; an expected failure is said in a clear message.</summary>
    private static async Task<int> EndAsync(Invocation console, ParseResult parsed, string verb, EndingSignals? ending, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (PosthouseException failure)
        {
            return Fail(console, parsed, verb, failure);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // What no verb expects of this machine: a full disk behind standard output, a folder that may not be written.
            return Fail(console, parsed, verb, new PosthouseException(VcsErrors.LocalFailure, "This machine refuses: " + refused.Message, refused));
        }
        catch (OperationCanceledException)
        {
            var cut = ending?.Code ?? ExitCodes.Interrupted;
            // Whoever watches has a document on each line, and ends it so: that is no failure to tell of.
            return IsEnveloped(parsed) && !IsWatching(parsed) ? Tell(console, Envelope.Cut(Verb(parsed), cut)) : cut;
        }
    }

    private static int Fail(Invocation console, ParseResult parsed, string verb, PosthouseException failure)
    {
        console.Log?.Failed(verb, failure);
        if (IsEnveloped(parsed))
        {
            try
            {
                return Tell(console, Envelope.Of(Verb(parsed), failure));
            }
            catch (IOException)
            {
                // Standard output is what fails; what follows is said on the other.
            }
        }

        try
        {
            // A message may quote a stranger.
            var unicode = Terminal.OfProcess().Unicode;
            foreach (var line in failure.Message.Split('\n')) { console.Error.WriteLine("posthouse: " + TextTable.Clean(line.TrimEnd('\r'), unicode)); }
        }
        catch (IOException)
        {
            // Nobody can be told; the exit code still tells.
        }

        return ExitCodes.For(failure.Code);
    }

    private static int Tell(Invocation console, Envelope envelope)
    {
        console.Output.WriteLine(envelope.Text());
        return envelope.ExitCode;
    }

    private static int Explain(ParseResult parsed, Invocation console)
    {
        var message = Complaint(parsed);
        var hint = $"'{string.Join(' ', Path(parsed.CommandResult))} --help' shows what it takes.";
        if (IsEnveloped(parsed)) { return Tell(console, Envelope.Usage(Verb(parsed), message, hint)); }

        console.Error.WriteLine("posthouse: " + message);
        console.Error.WriteLine(hint);
        return ExitCodes.Usage;
    }

    /// <summary>Words like options that a verb would take for a path or a name, because it has no such option: nobody means a file called --wiat. Behind -- it is one.</summary>
    private static List<string> Mistyped(ParseResult parsed)
    {
        // The place counts, not the word: what another command is given may be spelled like what this one was given.
        var before = parsed.Tokens.TakeWhile(token => token.Type is not TokenType.DoubleDash).ToHashSet<Token>(ReferenceEqualityComparer.Instance);
        return [.. parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Where(before.Contains).Select(token => token.Value)
            .Where(word => word is ['-', _, ..] && !word.Contains(' ', StringComparison.Ordinal))];
    }

    private static string Complaint(ParseResult parsed)
    {
        List<string> words = [.. parsed.UnmatchedTokens, .. Mistyped(parsed)];
        var command = parsed.CommandResult.Command;
        var path = string.Join(' ', Path(parsed.CommandResult));
        var verbs = command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name).ToList();
        if (words.Count > 0 && verbs.Count > 0 && !words[0].StartsWith('-'))
        {
            var guess = Suggestion.For(words[0], verbs);
            return $"'{path}' has no verb '{words[0]}'; {(guess is null ? "it has " + string.Join(", ", verbs) : $"did you mean '{guess}'?")}";
        }

        if (words.Count > 0 && Options(parsed.CommandResult).Any(option => option.Name == words[0] || option.Aliases.Contains(words[0])))
        {
            return $"'{words[0]}' stands behind --, where it is no option: put it before";
        }

        if (words.Count > 0 && words[0].StartsWith('-') && Suggestion.For(words[0], Options(parsed.CommandResult).Select(option => option.Name)) is { } option)
        {
            return $"'{path}' has no option '{words[0]}'; did you mean '{option}'?";
        }

        if (words is ["--port", ..] && Options(parsed.CommandResult).Any(option => option.Name == "--urls"))
        {
            return $"'{path}' has no option '--port'; write --urls http://127.0.0.1:{(words.Count > 1 ? words[1] : "PORT")}";
        }

        if (words.Count == 0 && command.Arguments.FirstOrDefault(argument => argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is null or { Tokens.Count: 0 }) is { } missing)
        {
            return $"'{path}' needs {missing.Name}: {missing.Description}";
        }

        return words.Count == 0 && verbs.Count > 0 ? $"'{path}' needs a verb: {string.Join(", ", verbs)}"
            : parsed.Errors.Count > 0 ? parsed.Errors[0].Message
            : $"'{path}' has no option '{words[0]}'; if it is none, put -- before it";
    }

    /// <summary>A verb's own options, and those that it has from the groups above it.</summary>
    private static IEnumerable<Option> Options(CommandResult result) => result.Command.Options.Concat(
        result.Parent is CommandResult parent ? Options(parent).Where(option => option.Recursive) : []);

    private static IEnumerable<string> Path(CommandResult result) =>
        (result.Parent is CommandResult parent ? Path(parent) : []).Append(result.Command.Name);

    /// <summary>What one run of a verb stands on, its log among it.</summary>
    private sealed class Invocation : InvocationConfiguration
    {
        public VerbLog? Log { get; set; }
    }
}
