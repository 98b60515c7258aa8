using System.CommandLine;
using System.CommandLine.Completions;

namespace Posthouse.Cli.Completions;

/// <summary>A word that may come next, and what it means.</summary>
internal readonly record struct Word(string Text, string Meaning);

/// <summary>An option of a verb.</summary>
/// <param name="Names">Its spellings.</param>
/// <param name="Meaning">What it means.</param>
/// <param name="TakesValue">Whether the word behind it is its value.</param>
/// <param name="Values">The values it may have, where they are few.</param>
internal sealed record OptionWords(IReadOnlyList<string> Names, string Meaning, bool TakesValue, IReadOnlyList<string> Values);

/// <summary>What can be written behind the words of a verb: read off the command tree, so that a completion never lags behind it.</summary>
/// <param name="Path">The words behind the program's name; empty for the root.</param>
/// <param name="Verbs">The verbs, and the words that an argument may be.</param>
/// <param name="Options">Its options, and those that it has from the verbs above it.</param>
internal sealed record VerbWords(IReadOnlyList<string> Path, IReadOnlyList<Word> Verbs, IReadOnlyList<OptionWords> Options)
{
    /// <summary>The path with a blank between its words.</summary>
    public string Name => string.Join(' ', Path);

    /// <summary>The tree, each verb after the one above it; hidden ones are left out.</summary>
    public static IReadOnlyList<VerbWords> Of(Command root)
    {
        var all = new List<VerbWords>();
        Walk(root, [], [], all);
        return all;
    }

    private static void Walk(Command command, string[] path, Option[] inherited, List<VerbWords> all)
    {
        var shown = command.Subcommands.Where(verb => !verb.Hidden).ToList();
        var arguments = command.Arguments.SelectMany(argument => argument.GetCompletions(CompletionContext.Empty)).Select(item => new Word(item.Label, ""));
        Option[] options = [.. command.Options.Where(option => !option.Hidden), .. inherited.Where(above => command.Options.All(own => own.Name != above.Name))];
        all.Add(new VerbWords(path, [.. shown.Select(verb => new Word(verb.Name, verb.Description ?? "")), .. arguments], [.. options.Select(Words)]));
        foreach (var verb in shown) { Walk(verb, [.. path, verb.Name], [.. options.Where(option => option.Recursive)], all); }
    }

    private static OptionWords Words(Option option)
    {
        string[] names = [.. option.Aliases.Prepend(option.Name).Where(name => name.StartsWith('-') && name != "-?").Distinct()];
        var takesValue = option.Arity.MinimumNumberOfValues > 0;
        return new OptionWords(names, option.Description ?? "", takesValue, takesValue ? [.. option.GetCompletions(CompletionContext.Empty).Select(item => item.Label)] : []);
    }
}
