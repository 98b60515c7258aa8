namespace Posthouse.Jobs;

/// <summary>What a stored job name may look like. It is read by people in tables and typed in verbs.</summary>
internal static class JobNames
{
    /// <summary>Most characters of a name: it stands in every row.</summary>
    public const int MaxLength = 100;

    public static bool IsGood(string? name)
    {
        if (name is not { Length: > 0 and <= MaxLength } || !char.IsAsciiLetterLower(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('.' or '-'))
            {
                return false;
            }
        }

        return char.IsAsciiLetterLower(name[^1]) || char.IsAsciiDigit(name[^1]);
    }

    public static string Check(string name) => IsGood(name) ? name : throw new PosthouseException(ErrorCodes.JobInvalid,
        $"\"{name}\" is no job name: 1 to {MaxLength} lower-case letters, digits, dots and hyphens, beginning with a letter.");
}
