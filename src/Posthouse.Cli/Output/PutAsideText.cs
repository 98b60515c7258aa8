namespace Posthouse.Cli.Output;

/// <summary>What is said of a damaged store that was put aside.</summary>
internal static class PutAsideText
{
    /// <summary>What to do about it.</summary>
    public const string Hint = "What was queued in it is not in this queue, and will not be sent. Ask anew for what you still want, then remove that file and those beside it that begin with its name.";

    /// <summary>What happened.</summary>
    public static string Of(string path) => $"The store was damaged, and was put aside as {path}";
}
