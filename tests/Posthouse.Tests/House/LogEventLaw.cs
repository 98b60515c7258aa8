using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Posthouse.Tests.House;

/// <summary>Log event ids are unique over the whole product and lie in the range of the package that writes them.</summary>
internal static class LogEventLaw
{
    private static readonly Dictionary<string, (int First, int Last)> _ranges = new(StringComparer.Ordinal)
    {
        ["Posthouse"] = (1000, 1999),
        ["Posthouse.Ivxp"] = (2000, 2999),
        ["Posthouse.Vcs"] = (3000, 3999),
        ["Posthouse.Mesh"] = (4000, 4999),
        ["Posthouse.AspNetCore"] = (5000, 5999),
        ["Posthouse.Cli"] = (6000, 6999),
    };

    public static IEnumerable<string> Breaches(IEnumerable<TextFile> sources)
    {
        var seen = new Dictionary<int, string>();
        foreach (var file in sources)
        {
            foreach (var message in Messages(file))
            {
                foreach (var breach in Judge(file, message, seen)) { yield return breach; }
            }
        }
    }

    private static IEnumerable<string> Judge(TextFile file, AttributeSyntax message, Dictionary<int, string> seen)
    {
        if (EventId(message) is not { } id)
        {
            yield return $"{file.Path}: {message} does not give its event id as a number";
            yield break;
        }

        if (!_ranges.TryGetValue(file.Segments[1], out var range) || id < range.First || id > range.Last)
        {
            yield return $"{file.Path}: event id {id} is outside the package's range {range.First}–{range.Last}";
        }

        if (!seen.TryAdd(id, file.Path)) { yield return $"{file.Path}: event id {id} is taken by {seen[id]}"; }
    }

    private static IEnumerable<AttributeSyntax> Messages(TextFile file) =>
        CSharpSyntaxTree.ParseText(file.Text).GetRoot().DescendantNodes().OfType<AttributeSyntax>()
            .Where(attribute => attribute.Name.ToString() is "LoggerMessage" or "LoggerMessageAttribute");

    private static int? EventId(AttributeSyntax message)
    {
        var arguments = message.ArgumentList?.Arguments ?? [];
        var named = arguments.FirstOrDefault(argument => (argument.NameEquals?.Name ?? argument.NameColon?.Name)?.ToString() is "EventId" or "eventId");
        var given = named ?? arguments.FirstOrDefault(argument => argument.NameEquals is null && argument.NameColon is null);
        return int.TryParse(given?.Expression.ToString(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var id) ? id : null;
    }
}
