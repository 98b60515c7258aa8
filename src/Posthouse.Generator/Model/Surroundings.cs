namespace Posthouse.Generator.Model;

/// <summary>A class that handles jobs.</summary>
internal sealed record HandlerModel(string Handler, string Job, string Result, bool CanBeNamed, Place? Place);

/// <summary>What was read at one type declaration.</summary>
internal sealed record TypeReading(EquatableArray<HandlerModel> Handlers, Mistake? Mistake);

/// <summary>A JsonSerializerContext and the types it lists.</summary>
internal sealed record ContextModel(string Context, EquatableArray<string> Types);

/// <summary>A job name of a referenced assembly.</summary>
internal sealed record ReferencedName(string Name, string Assembly);

/// <summary>The build as far as it matters here.</summary>
/// <param name="Reflection">Whether type info may come from reflection.</param>
/// <param name="Accepting">Whether this run writes the baseline.</param>
internal sealed record BuildFacts(bool Reflection, bool Accepting);

/// <summary>The accepted shapes; null entries stand for a file that cannot be read.</summary>
internal sealed record Baseline(EquatableArray<AcceptedShape>? Shapes, string File);

/// <summary>One accepted shape.</summary>
internal sealed record AcceptedShape(string Name, int Version, string Hash);
