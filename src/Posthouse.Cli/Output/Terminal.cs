namespace Posthouse.Cli.Output;

/// <summary>
/// What the far end of the output can show. Colour follows NO_COLOR (no-color.org) and TERM=dumb; letters beyond ASCII
/// follow the locale; a pipe gets neither colour nor questions.
/// </summary>
internal sealed record Terminal
{
    /// <summary>Colours may be written to standard output.</summary>
    public required bool Colour { get; init; }

    /// <summary>Letters beyond ASCII arrive as they are.</summary>
    public required bool Unicode { get; init; }

    /// <summary>Signs such as ✓ and ⚠ are wanted; otherwise their ASCII forms stand for them.</summary>
    public required bool Emoji { get; init; }

    /// <summary>A person sits at both ends: questions may be asked and lines redrawn.</summary>
    public required bool IsInteractive { get; init; }

    /// <summary>Standard error is a person's terminal: a line that says how far something is may be redrawn there.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>Before something that succeeded.</summary>
    public string DoneMark => Emoji ? "✓" : "[ok]";

    /// <summary>Before something that failed for good.</summary>
    public string FailedMark => Emoji ? "✗" : "[failed]";

    /// <summary>Before something the reader should notice.</summary>
    public string WarningMark => Emoji ? "⚠" : "[!]";

    /// <summary>Before something good to know.</summary>
    public string NoteMark => Emoji ? "ℹ" : "[i]";

    /// <summary>Reads the process's own terminal.</summary>
    public static Terminal OfProcess() =>
        Decide(Environment.GetEnvironmentVariable, Console.IsInputRedirected, Console.IsOutputRedirected, Console.IsErrorRedirected);

    /// <summary>Decides from the environment's variables and from what is redirected.</summary>
    public static Terminal Decide(Func<string, string?> variable, bool inputIsRedirected, bool outputIsRedirected, bool errorIsRedirected = true)
    {
        var dumb = variable("TERM") == "dumb";
        var unicode = LocaleIsUnicode(variable);
        return new Terminal
        {
            Colour = !outputIsRedirected && !dumb && string.IsNullOrEmpty(variable("NO_COLOR")),
            Unicode = unicode,
            Emoji = unicode && !dumb && string.IsNullOrEmpty(variable("NO_EMOJI")),
            IsInteractive = !inputIsRedirected && !outputIsRedirected && !dumb,
            ShowsProgress = !errorIsRedirected && !dumb,
        };
    }

    /// <summary>POSIX order: the first of the three that is set decides. Where none is, the runtime writes UTF-8.</summary>
    private static bool LocaleIsUnicode(Func<string, string?> variable)
    {
        string[] names = ["LC_ALL", "LC_CTYPE", "LANG"];
        var locale = names.Select(variable).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return locale is null
            || locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase)
            || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
    }
}
