using Xunit.Sdk;
using Xunit.v3;

namespace Posthouse.SystemTests.Mesh.Nodes;

/// <summary>Runs the tests of a class in the order in which they stand there.</summary>
public sealed class DeclaredOrder : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase => [.. testCases.OrderBy(one => ((IXunitTestCase)one).TestMethod.Method.MetadataToken)];
}
