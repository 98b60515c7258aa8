namespace Posthouse.Jobs;

/// <summary>
/// Written by the generator into every assembly that declares jobs, so that an assembly which refers to it is told at build
/// time that a name is taken.
/// </summary>
/// <param name="name">The stored name of a job.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class DeclaredJobAttribute(string name) : Attribute
{
    /// <summary>The stored name.</summary>
    public string Name { get; } = name;
}
