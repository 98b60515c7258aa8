using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Posthouse.SystemTests.LongestFirst))]

namespace Posthouse.SystemTests;

/// <summary>Collections that take minutes begin first: one that began last would be waited for by itself, while the other core has nothing to do.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] _long =
        [OnePocket.Name, Dashboard.DashboardTests.Name, nameof(Vcs.Comments.CommentTests), nameof(Packages.PackageTests), nameof(Ivxp.ForeignShopTests), nameof(Mesh.Nodes.TwelveNodesTests), nameof(Processes.CrashPointTests)];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(one => Array.FindIndex(_long, name => one.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal)) is var at and >= 0 ? at : _long.Length)];
}
