using Microsoft.CodeAnalysis;

namespace Posthouse.Generator;

/// <summary>Every diagnostic, in one table. Ids are never reused; <c>docs/generator.md</c> explains each.</summary>
internal static class Mistakes
{
    public static readonly DiagnosticDescriptor NoInterface = Error("PH0001", "A [Job] implements exactly one IJob<TResult>",
        "'{0}' is marked [Job] but implements {1} IJob<TResult>; implement exactly one");

    public static readonly DiagnosticDescriptor NoAttribute = Error("PH0002", "A type that implements IJob<TResult> is marked [Job]",
        "'{0}' implements IJob<TResult> but has no stored name; mark it [Job(\"area.verb\")]");

    public static readonly DiagnosticDescriptor NameTaken = Error("PH0003", "A job name is used once",
        "The name \"{0}\" is also declared by {1}; rows would be read as the wrong record, so choose another name");

    public static readonly DiagnosticDescriptor BadName = Error("PH0004", "A job name can be stored and typed",
        "\"{0}\" is no job name: 1 to 100 lower-case letters, digits, dots and hyphens, beginning with a letter, ending with a letter or digit");

    public static readonly DiagnosticDescriptor TwoHandlers = Error("PH0005", "A job has one handler",
        "'{0}' is handled by {1}; keep one handler");

    public static readonly DiagnosticDescriptor OtherResult = Error("PH0006", "A handler answers with the job's result",
        "'{0}' handles '{1}' with result '{2}', but the job declares '{3}'; implement IJobHandler<{1}, {3}>");

    public static readonly DiagnosticDescriptor NoHandler = new("PH0007", "A job has a handler somewhere",
        "No class of this project handles '{0}'; a process without its handler holds such rows instead of running them",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NoTypeInfo = Error("PH0008", "A trimmed program lists what it writes as JSON",
        "'{0}' is written as JSON by job \"{1}\", and this project is trimmed or compiled ahead of time; add [JsonSerializable(typeof({0}))] to {2}");

    public static readonly DiagnosticDescriptor CannotBeStored = Error("PH0009", "A job is plain data",
        "'{0}' has the type '{1}', which cannot live on disk: {2}");

    public static readonly DiagnosticDescriptor PathAsText = Warning("PH0010", "A file travels as JobFile",
        "'{0}' looks like the path of a file, which may be gone when the job runs; use JobFile, or rename the property");

    public static readonly DiagnosticDescriptor BadTemplate = Error("PH0011", "A key template names properties that have one text",
        "{0} template \"{1}\": {2}");

    public static readonly DiagnosticDescriptor ShapeChanged = Error("PH0012", "A changed record has a new version",
        "The JSON of '{0}' is not what job \"{1}\" version {2} was accepted with; raise Version and add an [Upcast], or, if it never shipped, run dotnet build -t:AcceptJobShapes");

    public static readonly DiagnosticDescriptor BadUpcast = Error("PH0013", "Every older version can be read",
        "Job \"{0}\": {1}");

    public static readonly DiagnosticDescriptor MayChange = Warning("PH0014", "What waits on disk does not change in memory",
        "'{0}' {1}");

    public static readonly DiagnosticDescriptor Secret = Warning("PH0015", "Secrets are not stored in jobs",
        "'{0}' looks like a secret, and payloads are stored as they are; let the handler fetch it when it runs");

    public static readonly DiagnosticDescriptor NotAwaited = Warning("PH0016", "An enqueue is awaited",
        "The job is durable only when '{0}' completes; await it");

    public static readonly DiagnosticDescriptor CannotBeNamed = Error("PH0017", "A job type can be named by generated code",
        "'{0}' is {1}; generated code cannot name it, so make it a plain internal or public type");

    public static readonly DiagnosticDescriptor BadValue = Error("PH0018", "The values of [Job] can be used",
        "{0} of [Job] on '{1}': {2}");

    public static readonly DiagnosticDescriptor FileOutOfReach = Error("PH0019", "A JobFile stands where it can be replaced",
        "'{0}' holds a JobFile that cannot be put into safety: {1}");

    public static readonly DiagnosticDescriptor BadBaseline = Error("PH0020", "The baseline can be read",
        "'{0}' is not what AcceptJobShapes writes; take it from version control, or run dotnet build -t:AcceptJobShapes");

    private const string Category = "Posthouse";

    private static readonly Dictionary<string, DiagnosticDescriptor> Table = new DiagnosticDescriptor[]
    {
        NoInterface, NoAttribute, NameTaken, BadName, TwoHandlers, OtherResult, NoHandler, NoTypeInfo, CannotBeStored, PathAsText,
        BadTemplate, ShapeChanged, BadUpcast, MayChange, Secret, NotAwaited, CannotBeNamed, BadValue, FileOutOfReach, BadBaseline,
    }.ToDictionary(d => d.Id);

    public static IReadOnlyCollection<DiagnosticDescriptor> All => Table.Values;

    public static DiagnosticDescriptor ById(string id) => Table[id];

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true);

    private static DiagnosticDescriptor Warning(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);
}
