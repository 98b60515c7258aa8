namespace Posthouse.Mesh.Hosting;

/// <summary>How a connection between nodes is watched, on both of its ends: by PING frames of the WebSocket (RFC 6455 §5.5.2).</summary>
internal static class PeerLiveness
{
    /// <summary>Time between two.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>How long the answer may take; then the connection is cut. A provider behind it is gone within the 20 s that its silence may last.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(5);
}
