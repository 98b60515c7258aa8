using System.Text.Json;

namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>The body of every answer that is an error.</summary>
/// <param name="Error">A code of <see cref="IvxpErrors"/>; other providers write a sentence here.</param>
/// <param name="Message">A sentence for people, not empty.</param>
/// <param name="Details">More for programs, such as <c>reason</c>.</param>
public sealed record ErrorBody(string Error, string? Message = null, JsonElement? Details = null)
{
    /// <summary>An error with a code, a sentence and the reason by which programs tell cases of one code apart.</summary>
    public static ErrorBody With(string code, string message, string? reason = null)
    {
        if (reason is null)
            return new ErrorBody(code, message);
        var details = new Dictionary<string, string> { ["reason"] = reason };
        return new ErrorBody(code, message, JsonSerializer.SerializeToElement(details, IvxpJson.Wire.DictionaryStringString));
    }
}
