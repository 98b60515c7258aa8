using System.Text;
using Microsoft.CodeAnalysis;
using Posthouse.Generator.Model;

namespace Posthouse.Generator.Reading;

/// <summary>
/// Reads a template such as <c>chat/{Conversation}</c>. Two different jobs must never get one text by accident, so values are
/// percent-encoded and between two of them stands a character that the encoding never lets through.
/// </summary>
internal static class TemplateReader
{
    private const string Unreserved = "-._~";

    private const string Separators = "/:@,;=&+!$*";

    /// <param name="job">The job whose properties are named.</param>
    /// <param name="template">The text of the attribute.</param>
    /// <param name="wrong">Why the template cannot be used, or null.</param>
    public static KeyTemplate? Read(INamedTypeSymbol job, string template, out string? wrong)
    {
        var text = new StringBuilder();
        var separated = true;
        wrong = template.Length is 0 ? "it is empty; leave it out" : null;
        for (var i = 0; i < template.Length && wrong is null; i++)
        {
            if (template[i] is not '{')
            {
                separated |= Separators.IndexOf(template[i]) >= 0;
                wrong = IsLiteral(template[i]) ? null : $"the character '{template[i]}' is not taken; write letters, digits and {Unreserved}{Separators}";
                text.Append(template[i]);
                continue;
            }

            var end = template.IndexOf('}', i);
            var name = end < 0 ? "" : template.Substring(i + 1, end - i - 1);
            wrong = end < 0 ? "a brace is not closed"
                : !separated ? $"put one of {Separators} before {{{name}}}, or two pairs of values may have one text"
                : WhyNot(job, name);
            separated = false;
            text.Append("{job.").Append(Names.Escaped(name)).Append('}');
            i = end;
        }

        return wrong is null ? new KeyTemplate(text.ToString()) : null;
    }

    private static bool IsLiteral(char c) =>
        c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') || (Unreserved + Separators).IndexOf(c) >= 0;

    private static string? WhyNot(INamedTypeSymbol job, string name)
    {
        var property = job.WithBases().SelectMany(t => t.GetMembers(name)).OfType<IPropertySymbol>()
            .FirstOrDefault(p => !p.IsStatic && p.GetMethod is { DeclaredAccessibility: Accessibility.Public or Accessibility.Internal });
        if (property is null)
        {
            return $"'{job.Name}' has no property '{name}' that can be read";
        }

        if (property.NullableAnnotation is NullableAnnotation.Annotated)
        {
            return $"'{name}' may be null, and a key has to be there for every job";
        }

        return IsCanonical(property.Type) ? null
            : $"'{name}' is a '{property.Type.Said()}', which has no single text; take an integer, an enum, a string, a Guid or a JobId";
    }

    private static bool IsCanonical(ITypeSymbol type) => type.TypeKind is TypeKind.Enum || type.Is(Names.JobId) || type.Is("System.Guid")
        || type.SpecialType is SpecialType.System_String or SpecialType.System_SByte or SpecialType.System_Byte
            or SpecialType.System_Int16 or SpecialType.System_UInt16 or SpecialType.System_Int32 or SpecialType.System_UInt32
            or SpecialType.System_Int64 or SpecialType.System_UInt64;
}
