using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Posthouse.Generator;

/// <summary>
/// Warns of an enqueue whose task is dropped. The compiler's own warning speaks only inside async methods; here the caller
/// believes that a job is safe which may not be. Writing <c>_ =</c> says that it is meant.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EnqueueAwaited : DiagnosticAnalyzer
{
    private const string Verb = "Enqueue";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Mistakes.NotAwaited];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSyntaxNodeAction(Look, SyntaxKind.ExpressionStatement);
    }

    private static void Look(SyntaxNodeAnalysisContext context)
    {
        if (((ExpressionStatementSyntax)context.Node).Expression is not InvocationExpressionSyntax call
            || context.SemanticModel.GetSymbolInfo(call, context.CancellationToken).Symbol is not IMethodSymbol method
            || !method.Name.StartsWith(Verb, StringComparison.Ordinal)
            || !IsOurs(method.ContainingNamespace)
            || method.ReturnType.Name is not ("Task" or "ValueTask"))
        {
            return;
        }

        context.ReportDiagnostic(Diagnostic.Create(Mistakes.NotAwaited, call.GetLocation(), method.Name));
    }

    private static bool IsOurs(INamespaceSymbol? space)
    {
        while (space is { IsGlobalNamespace: false, ContainingNamespace.IsGlobalNamespace: false })
        {
            space = space.ContainingNamespace;
        }

        return space?.Name is "Posthouse";
    }
}
