namespace Posthouse.AspNetCore.Dashboard.Shell;

/// <summary>How a state is shown: by a word, by a shape, and by a colour that nobody needs to see.</summary>
/// <param name="Word">The word.</param>
/// <param name="Shape">One sign.</param>
/// <param name="Colour">A class of the style sheet: <c>good</c>, <c>busy</c>, <c>warn</c>, <c>bad</c> or <c>calm</c>.</param>
internal sealed record Tone(string Word, string Shape, string Colour)
{
    public static Tone Good(string word) => new(word, "●", "good");

    public static Tone Busy(string word) => new(word, "◐", "busy");

    public static Tone Warn(string word) => new(word, "▲", "warn");

    public static Tone Bad(string word) => new(word, "■", "bad");

    public static Tone Calm(string word) => new(word, "○", "calm");
}
