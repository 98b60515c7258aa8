namespace Posthouse.SystemTests;

/// <summary>Tests that say to all processes they start where a person's pocket is. They say it by a variable of the test's own process, so that they run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class OnePocket
{
    /// <summary>The collection.</summary>
    public const string Name = "one pocket at a time";
}
