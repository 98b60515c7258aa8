namespace Posthouse.Cli.Hosting;

/// <summary>
/// The runtime's console sets modes of the terminal when it is first used: bytes of its own, also where nobody wants any, and on the
/// terminal even where the output goes elsewhere. It learns them from TERM, so it is opened once without; verbs need no such mode.
/// </summary>
internal static class TerminalModes
{
    private const string Variable = "TERM";

    /// <summary>Opens the console as it is. To be called before anything else does.</summary>
    public static void Leave()
    {
        var term = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        // The first write sets the modes, also one of nothing.
        using (var output = Console.OpenStandardOutput()) { output.Write([]); }

        Environment.SetEnvironmentVariable(Variable, term);
    }
}
