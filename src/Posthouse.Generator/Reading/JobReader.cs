using System.Globalization;
using Microsoft.CodeAnalysis;
using Posthouse.Generator.Model;

namespace Posthouse.Generator.Reading;

/// <summary>Reads one [Job] declaration into a model and the mistakes in it.</summary>
internal sealed class JobReader
{
    /// <summary>Most characters of a name, as the core checks it again.</summary>
    private const int MaxNameLength = 100;

    /// <summary>Most characters of an id's prefix: time and randomness follow within the 128 of an id.</summary>
    private const int MaxPrefixLength = 80;

    /// <summary>The highest version: each older one needs a method, so that a larger number is a typing error.</summary>
    private const int MaxVersion = 1_000;

    private readonly INamedTypeSymbol _job;
    private readonly Place? _place;
    private readonly Dictionary<string, TypedConstant> _values;
    private readonly string? _name;
    private readonly List<Mistake> _mistakes = [];

    private JobReader(INamedTypeSymbol job, AttributeData attribute)
    {
        _job = job;
        _place = Place.Of(job);
        _values = attribute.NamedArguments.ToDictionary(a => a.Key, a => a.Value);
        _name = attribute.ConstructorArguments is [{ Value: string name }] ? name : null;
    }

    public static JobReading Read(INamedTypeSymbol job, AttributeData attribute)
    {
        var reader = new JobReader(job, attribute);
        return new JobReading(reader.Model(), reader._place, reader._mistakes.Distinct().ToEquatable());
    }

    private JobModel? Model()
    {
        var results = _job.JobInterfaces().ToList();
        var whyUnnamed = _job.WhyUnnamed();
        if (results.Count is not 1)
        {
            Report(Mistakes.NoInterface, _job.Name, results.Count is 0 ? "no" : "more than one");
        }

        if (whyUnnamed is not null)
        {
            Report(Mistakes.CannotBeNamed, _job.Name, whyUnnamed);
        }

        if (!IsGoodName(_name))
        {
            Report(Mistakes.BadName, _name ?? "");
        }

        return results.Count is 1 && whyUnnamed is null && IsGoodName(_name) ? Model(_name!, results[0].TypeArguments[0]) : null;
    }

    private JobModel Model(string name, ITypeSymbol result)
    {
        var version = Number("Version", 1, least: 1, most: MaxVersion);
        var upcasts = new UpcastReader(_job, name, version);
        var steps = upcasts.Read();
        var shape = new ShapeReader(_place);
        var answers = new ShapeReader(_place);
        var hashes = steps.Select(s => new ShapeModel(s.Model.From, new ShapeReader(_place).Hash(s.Record)))
            .Concat([new ShapeModel(version, shape.Hash(_job))]).ToList();
        answers.Shape(result, holder: null);
        _mistakes.AddRange(upcasts.Mistakes);
        _mistakes.AddRange(shape.Mistakes);
        // Files of results are the handler's affair; what cannot be written is not.
        _mistakes.AddRange(answers.Mistakes.Where(m => m.Id == Mistakes.CannotBeStored.Id));
        return new JobModel
        {
            Name = name,
            Version = version,
            Job = _job.Text(),
            Result = result.Text(),
            IdPrefix = Prefix(),
            Lane = Template("Lane"),
            DeduplicationKey = Template("DeduplicationKey"),
            Destination = Template("Destination"),
            OnDuplicate = Choice("OnDuplicate", "ReturnExisting"),
            WhenDead = Choice("WhenDead", "Block"),
            Priority = Number("Priority", 0, least: int.MinValue),
            MaxAttempts = Number("MaxAttempts", 5, least: 1),
            MaxLost = Number("MaxLost", 3, least: 1),
            ExpiresAfterTicks = Expiry(),
            Files = shape.Files.ToEquatable(),
            Upcasts = steps.Select(s => s.Model).ToEquatable(),
            Shapes = hashes.ToEquatable(),
        };
    }

    private KeyTemplate? Template(string part)
    {
        if (Value(part) is not string template)
        {
            return null;
        }

        var read = TemplateReader.Read(_job, template, out var wrong);
        if (wrong is not null)
        {
            Report(Mistakes.BadTemplate, part, template, wrong);
        }

        return read;
    }

    private int Number(string part, int otherwise, int least, int most = int.MaxValue)
    {
        var number = Value(part) is int given ? given : otherwise;
        return number >= least && number <= most ? number : Refuse(part, $"{number} is not from {least} to {most}", otherwise);
    }

    private string? Prefix() => Value("IdPrefix") is not string prefix ? null
        : prefix.Length is > 0 and <= MaxPrefixLength && prefix.All(c => IsAsciiLetterOrDigit(c) || c is '.' or '_') ? prefix
        : Refuse<string?>("IdPrefix", $"\"{prefix}\" is not 1 to {MaxPrefixLength} ASCII letters, digits, dots and underscores", null);

    private long? Expiry() => Value("ExpiresAfter") is not string text ? null
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span > TimeSpan.Zero ? span.Ticks
        : Refuse<long?>("ExpiresAfter", $"\"{text}\" is no positive time span such as 7.00:00:00", null);

    /// <summary>An enum's member by its number.</summary>
    private string Choice(string part, string otherwise) => !_values.TryGetValue(part, out var value) ? otherwise
        : value.Type!.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(f => f.HasConstantValue && f.ConstantValue!.Equals(value.Value))?.Name
            ?? Refuse(part, $"{value.Value} is none of its values", otherwise);

    private object? Value(string part) => _values.TryGetValue(part, out var value) ? value.Value : null;

    private T Refuse<T>(string part, string why, T instead)
    {
        Report(Mistakes.BadValue, part, _job.Name, why);
        return instead;
    }

    private void Report(DiagnosticDescriptor descriptor, params string[] words) => _mistakes.Add(Mistake.Of(descriptor, _place, words));

    private static bool IsGoodName(string? name) => name is { Length: > 0 and <= MaxNameLength }
        && name[0] is >= 'a' and <= 'z'
        && name[name.Length - 1] is not ('.' or '-')
        && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '-');

    private static bool IsAsciiLetterOrDigit(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9');
}
