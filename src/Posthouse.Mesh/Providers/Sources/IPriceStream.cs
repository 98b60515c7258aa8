using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>Where prices come from unasked, over one connection. Connecting again, and how soon, is the provider's to decide.</summary>
public interface IPriceStream
{
    /// <summary>As <see cref="IPriceSource.Name"/>.</summary>
    string Name { get; }

    /// <summary>Connects, and hands on prices for as long as the connection lives.</summary>
    /// <param name="assets">Which.</param>
    /// <param name="publish">Takes what is worth a message in the mesh; called on the connection's own loop, and so must be short.</param>
    /// <param name="cancellationToken">Ends the connection.</param>
    /// <returns>Why the connection ended, or never began.</returns>
    /// <exception cref="OperationCanceledException">The token ended it.</exception>
    Task<SourceFault> RunAsync(IReadOnlyList<AssetKey> assets, Action<PriceFetch> publish, CancellationToken cancellationToken);
}
