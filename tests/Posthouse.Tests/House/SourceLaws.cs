using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Posthouse.Tests.House;

/// <summary>
/// A law every source file obeys by itself, with a file that breaks it: a law that cannot fail is no law.
/// </summary>
internal sealed record SourceLaw(string Name, Func<TextFile, IEnumerable<string>> Breaches, TextFile Bad, TextFile Good);

internal static partial class SourceLaws
{
    private const int FileLines = 300;
    private const int MethodLines = 70;

    /// <summary>Where the field's own word ends in a forbidden suffix, the type stands here with its reason.</summary>
    private static readonly Dictionary<string, string> _demandedNames = new(StringComparer.Ordinal)
    {
        ["LockBase"] = "the commit that work is based on is Git's own word, and the record's member is called so",
    };

    public static readonly SourceLaw[] All =
    [
        new("a file has at most 300 lines", FileIsShort,
            Sample(string.Concat(Enumerable.Repeat("// line\n", FileLines + 1))), Sample(string.Concat(Enumerable.Repeat("// line\n", FileLines)))),
        new("a method has at most 70 lines", MethodsAreShort,
            Sample(Method(MethodLines + 1)), Sample(Method(MethodLines))),
        new("a type's name says what it is", NamesSay,
            Sample("class JobManager;"), Sample("class JobQueue; class Based;")),
        new("no region", HasNoRegion,
            Sample("#region Fields\n#endregion\n"), Sample("// #region\n")),
        new("the namespace is the folder", NamespaceIsFolder,
            Sample("namespace Posthouse.Jobs; class A;"), Sample("namespace Posthouse.Queue; class A;")),
        new("protocol text stands in IvxpProtocol.cs alone", ProtocolStandsAlone,
            Sample("""class A { string P(string id) => $"/ivxp/status/{id}"; }"""), Sample("/* /ivxp/status */ class A { string P() => \"/ivxpress\"; }")),
        new("only Durable.cs asks for the platform", PlatformIsAskedOnce,
            Sample("class A { bool B => OperatingSystem.IsWindows(); }"), Sample("class A { bool B => Durable.SyncsFolders; }")),
        new("missing documentation is never silenced", DocumentationIsNotSilenced,
            Sample("#pragma warning disable CS1591\n"), Sample("#pragma warning disable CA1822\n")),
    ];

    private static IEnumerable<string> FileIsShort(TextFile file)
    {
        var lines = file.Text.TrimEnd('\n').Split('\n').Length;
        if (lines > FileLines) { yield return $"{file.Path} has {lines} lines; split it by idea, {FileLines} is the limit"; }
    }

    private static IEnumerable<string> MethodsAreShort(TextFile file)
    {
        foreach (var node in Parse(file).DescendantNodes().Where(node => node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax))
        {
            var span = node.GetLocation().GetLineSpan();
            var lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
            if (lines > MethodLines) { yield return $"{file.Path}:{span.StartLinePosition.Line + 1} is a method of {lines} lines; {MethodLines} is the limit"; }
        }
    }

    private static IEnumerable<string> NamesSay(TextFile file) =>
        from type in Parse(file).DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        let name = type.Identifier.ValueText
        where ForbiddenSuffix().IsMatch(name) && !_demandedNames.ContainsKey(name)
        select $"{file.Path} declares {name}; name it by the field's own noun";

    private static IEnumerable<string> HasNoRegion(TextFile file) =>
        Parse(file).DescendantTrivia(descendIntoTrivia: true).Any(trivia => trivia.IsKind(SyntaxKind.RegionDirectiveTrivia))
            ? [$"{file.Path} has a region; split the file instead"]
            : [];

    private static IEnumerable<string> NamespaceIsFolder(TextFile file)
    {
        // Types that the compiler looks up by their full name, where the target framework has none.
        if (file.Segments[^2] is "Polyfills") { yield break; }

        var expected = string.Join('.', file.Segments[1..^1]);
        var root = Parse(file);
        foreach (var space in root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
        {
            if (space.Name.ToString() != expected) { yield return $"{file.Path} declares namespace {space.Name}; its folder is {expected}"; }
        }

        if (root.Members.Any(member => member is BaseTypeDeclarationSyntax)) { yield return $"{file.Path} declares a type outside every namespace"; }
    }

    private static IEnumerable<string> ProtocolStandsAlone(TextFile file) =>
        file.Name == "IvxpProtocol.cs" ? [] :
        from token in Parse(file).DescendantTokens()
        where token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.InterpolatedStringTextToken or SyntaxKind.SingleLineRawStringLiteralToken
            or SyntaxKind.MultiLineRawStringLiteralToken or SyntaxKind.Utf8StringLiteralToken
        where token.Text.Contains("/ivxp/", StringComparison.Ordinal) || token.Text.Contains("IVXP/1.", StringComparison.Ordinal)
        select $"{file.Path} spells protocol text {token.Text}; take it from IvxpProtocol.cs";

    private static IEnumerable<string> PlatformIsAskedOnce(TextFile file) =>
        file.Name == "Durable.cs" ? [] :
        from name in Parse(file).DescendantNodes().OfType<IdentifierNameSyntax>()
        where name.Identifier.ValueText is "RuntimeInformation" or "OSVersion"
            || (name.Identifier.ValueText == "OperatingSystem" && name.Parent is MemberAccessExpressionSyntax member && member.Name.ToString().StartsWith("Is", StringComparison.Ordinal))
        select $"{file.Path} asks for the platform ({name.Parent}); Durable.cs holds what differs";

    private static IEnumerable<string> DocumentationIsNotSilenced(TextFile file) =>
        from pragma in Parse(file).DescendantTrivia().Select(trivia => trivia.GetStructure()).OfType<PragmaWarningDirectiveTriviaSyntax>()
        where pragma.ErrorCodes.Any(code => code.ToString().EndsWith("1591", StringComparison.Ordinal))
        select $"{file.Path} silences missing documentation";

    private static CompilationUnitSyntax Parse(TextFile file) =>
        (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(file.Text, new CSharpParseOptions(LanguageVersion.Preview)).GetRoot();

    private static TextFile Sample(string text) => new("src/Posthouse/Queue/Sample.cs", text);

    /// <summary>A method of exactly so many lines.</summary>
    private static string Method(int lines) => $"class A\n{{\nvoid B()\n{{\n{string.Concat(Enumerable.Repeat("C();\n", lines - 3))}}}\n}}\n";

    [GeneratedRegex("(Manager|Helpers?|Utils?|Utilities|Services?|Base|Impl)$")]
    private static partial Regex ForbiddenSuffix();
}
