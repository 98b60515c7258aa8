using System.Text;

namespace Posthouse.Generator.Reading;

/// <summary>
/// The pinned naming policy, at build time. Says what JsonNamingPolicy.SnakeCaseLower says, which a test compares: a word begins
/// at an upper-case letter after a lower-case letter or digit, and at the last capital of a run that a lower-case letter follows.
/// </summary>
internal static class SnakeCase
{
    public static string Of(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && BeginsWord(name, i) && text.Length > 0 && text[text.Length - 1] is not '_')
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    private static bool BeginsWord(string name, int i) =>
        !char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]));
}
