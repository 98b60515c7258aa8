using System.Text.Json;
using System.Text.Json.Serialization;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>
/// Reads a profile from JSON with comments: the members of <see cref="SourceProfile"/> in camel case, and <c>base</c>, the name of a
/// built-in profile whose members hold where the file has none.
/// </summary>
public static class SourceProfileFile
{
    /// <summary>Bytes of a profile: a map of a few thousand symbols.</summary>
    public const int MaxBytes = 256 << 10;

    /// <summary>Reads a file.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it cannot be read, or holds no usable profile.</exception>
    public static SourceProfile Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes ? Parse(File.ReadAllBytes(path), path) : throw Unusable(path, $"it is longer than {MaxBytes} bytes.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, "it cannot be read.", e);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="json">The text.</param>
    /// <param name="path">Where it came from, for people.</param>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it holds no usable profile.</exception>
    public static SourceProfile Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            var written = JsonSerializer.Deserialize(json, ProfileJson.Default.WrittenProfile) ?? throw Unusable(path, "it is null.");
            var under = written.Base is not { } name ? null : SourceProfiles.Find(name) ?? throw Unusable(path, $"there is no built-in profile \"{name}\".");
            var profile = written.Over(under);
            _ = new ProfilePlan(profile);
            return profile;
        }
        catch (JsonException e)
        {
            throw Unusable(path, e.Message, e);
        }
    }

    private static PosthouseException Unusable(string path, string why, Exception? inner = null) =>
        new(ErrorCodes.OptionsInvalid, $"The source profile {path} is of no use: {why}", inner);
}

/// <summary>What stands in a file; null: nothing.</summary>
internal sealed class WrittenProfile
{
    public string? Base { get; set; }

    public string? Name { get; set; }

    public string? Address { get; set; }

    public string? Request { get; set; }

    public string? Check { get; set; }

    public Dictionary<string, string>? Headers { get; set; }

    public int? BatchSize { get; set; }

    public string? Item { get; set; }

    public string? Price { get; set; }

    public string? Time { get; set; }

    public SourceTime? TimeUnit { get; set; }

    public string? Change24h { get; set; }

    public string? Open24h { get; set; }

    public string? Symbol { get; set; }

    public Dictionary<string, string>? Symbols { get; set; }

    public string? ErrorCode { get; set; }

    public string? ErrorFine { get; set; }

    public string? ErrorText { get; set; }

    public Dictionary<string, VendorMeaning>? Errors { get; set; }

    public SourceQuota? Quota { get; set; }

    public TimeSpan? Timeout { get; set; }

    public TimeSpan? FetchTimeout { get; set; }

    public int? MaxAnswerBytes { get; set; }

    /// <summary>The profile, over a base or over nothing.</summary>
    public SourceProfile Over(SourceProfile? given)
    {
        // What must not be missing is empty then, and refused by name where every profile is checked.
        var under = given ?? new SourceProfile { Name = "", Address = "", Request = "", Check = "", Price = "", Time = "" };
        return new SourceProfile
        {
            Name = Name ?? under.Name,
            Address = Address ?? under.Address,
            Request = Request ?? under.Request,
            Check = Check ?? under.Check,
            Headers = Headers ?? under.Headers,
            BatchSize = BatchSize ?? under.BatchSize,
            Item = Item ?? under.Item,
            Price = Price ?? under.Price,
            Time = Time ?? under.Time,
            TimeUnit = TimeUnit ?? under.TimeUnit,
            Change24h = Change24h ?? under.Change24h,
            Open24h = Open24h ?? under.Open24h,
            Symbol = Symbol ?? under.Symbol,
            Symbols = Symbols ?? under.Symbols,
            ErrorCode = ErrorCode ?? under.ErrorCode,
            ErrorFine = ErrorFine ?? under.ErrorFine,
            ErrorText = ErrorText ?? under.ErrorText,
            Errors = Errors ?? under.Errors,
            Quota = Quota ?? under.Quota,
            Timeout = Timeout ?? under.Timeout,
            FetchTimeout = FetchTimeout ?? under.FetchTimeout,
            MaxAnswerBytes = MaxAnswerBytes ?? under.MaxAnswerBytes,
        };
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, UseStringEnumConverter = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(WrittenProfile))]
internal sealed partial class ProfileJson : JsonSerializerContext;
