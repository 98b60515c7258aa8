namespace Posthouse.Cli.Doctor;

/// <summary>How a thing stands.</summary>
internal enum Health
{
    /// <summary>As it should be.</summary>
    Good = 0,

    /// <summary>It could not be looked at, and why is no fault of this machine.</summary>
    Skipped = 1,

    /// <summary>It works, and the person should know something about it.</summary>
    Notable = 2,

    /// <summary>It does not work.</summary>
    Broken = 3,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">The thing, in one or two words.</param>
/// <param name="Health">How it stands.</param>
/// <param name="Text">What was found.</param>
/// <param name="Hint">What to do, or null.</param>
internal sealed record Finding(string Name, Health Health, string Text, string? Hint = null)
{
    /// <summary>Health in one word, for programs.</summary>
    public string Word => Health switch { Health.Good => "good", Health.Skipped => "skipped", Health.Notable => "notable", _ => "broken" };
}
