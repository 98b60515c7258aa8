namespace Posthouse.Generator.Model;

/// <summary>All that is emitted about one job: texts and numbers, no symbols and no places, so that moving a line changes nothing.</summary>
internal sealed record JobModel
{
    public string Name { get; init; } = "";

    public int Version { get; init; } = 1;

    public TypeText Job { get; init; } = new("", "");

    public TypeText Result { get; init; } = new("", "");

    public string? IdPrefix { get; init; }

    public KeyTemplate? Lane { get; init; }

    public KeyTemplate? DeduplicationKey { get; init; }

    public KeyTemplate? Destination { get; init; }

    public string OnDuplicate { get; init; } = "ReturnExisting";

    public string WhenDead { get; init; } = "Block";

    public int Priority { get; init; }

    public int MaxAttempts { get; init; } = 5;

    public int MaxLost { get; init; } = 3;

    public long? ExpiresAfterTicks { get; init; }

    public EquatableArray<FileModel> Files { get; init; }

    public EquatableArray<UpcastModel> Upcasts { get; init; }

    public EquatableArray<ShapeModel> Shapes { get; init; }
}

/// <summary>A type as it is written in code.</summary>
/// <param name="Plain">For <c>typeof</c>, and to compare types by: without nullable annotations.</param>
/// <param name="Annotated">For type arguments.</param>
internal sealed record TypeText(string Plain, string Annotated);

/// <summary>A key template: the body of an interpolated string whose values are properties of <c>job</c>.</summary>
internal sealed record KeyTemplate(string Interpolation);

/// <summary>One file of a job.</summary>
/// <param name="Holder">The property that holds the record with the file; null: the job itself holds it.</param>
/// <param name="Property">The property of type JobFile.</param>
internal sealed record FileModel(string? Holder, string Property);

/// <summary>One step from an older version's record to the next.</summary>
internal sealed record UpcastModel(int From, string Method, TypeText Parameter, bool GivesPresent);

/// <summary>What the JSON of one version looks like, as a hash.</summary>
internal sealed record ShapeModel(int Version, string Hash);

/// <summary>What was read at one [Job] attribute.</summary>
/// <param name="Model">Null when the declaration is too broken to emit anything.</param>
/// <param name="Place">Where the type is declared.</param>
/// <param name="Mistakes">Mistakes that this declaration alone shows.</param>
internal sealed record JobReading(JobModel? Model, Place? Place, EquatableArray<Mistake> Mistakes);
