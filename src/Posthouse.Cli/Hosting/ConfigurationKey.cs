namespace Posthouse.Cli.Hosting;

/// <summary>The form of one value, and how a message describes it.</summary>
internal enum ValueForm
{
    /// <summary>Any text but the empty one.</summary>
    Text,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Switch,

    /// <summary>A whole number from 1.</summary>
    Count,

    /// <summary>A decimal number above 0.</summary>
    Amount,

    /// <summary>A time span such as <c>00:00:30</c>, from 0.</summary>
    Duration,

    /// <summary>One http or https address.</summary>
    Url,

    /// <summary>Http or https addresses with semicolons between them.</summary>
    Urls,

    /// <summary>One of the names of a known network.</summary>
    Network,
}

/// <summary>One key of the configuration, declared once for reading, checking, listing and explaining.</summary>
/// <param name="Name">Its full name; <c>*</c> stands for the number of an item of a list.</param>
/// <param name="Form">What its values look like.</param>
/// <param name="Default">The value where none is given, or null; items of a list with commas between them.</param>
/// <param name="ProjectMaySet">
/// Whether a project's file may set it. A project is often somebody else's: it never chooses keys, commands,
/// addresses, folders, what is sold for how much on which chain, or takes away what guards its users' locks and pushes.
/// </param>
/// <param name="Description">One sentence: what it does.</param>
internal sealed record ConfigurationKey(string Name, ValueForm Form, string? Default, bool ProjectMaySet, string Description)
{
    /// <summary>Whether the key itself is an item of a list, for example <c>Ivxp:Push:Delays:*</c>.</summary>
    public bool IsListItem => Name.EndsWith(":*", StringComparison.Ordinal);
}
