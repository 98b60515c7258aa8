using System.Text.Json.Serialization;

namespace Posthouse.Mesh.Network;

/// <summary>Whether anybody provides prices.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NetworkState>))]
public enum NetworkState
{
    /// <summary>The node has just started and knows nobody yet; too early for an alarm.</summary>
    [JsonStringEnumMemberName("starting")]
    Starting,

    /// <summary>A provider is alive.</summary>
    [JsonStringEnumMemberName("online")]
    Online,

    /// <summary>No provider is alive.</summary>
    [JsonStringEnumMemberName("no_providers")]
    NoProviders,

    /// <summary>No provider has been alive for the threshold, ten minutes.</summary>
    [JsonStringEnumMemberName("extended_offline")]
    ExtendedOffline,
}

/// <summary>How it is known that a provider is gone.</summary>
internal enum DisconnectReason
{
    /// <summary>It was silent for too long.</summary>
    Silence,

    /// <summary>The connection to it ended, and nobody heard it since.</summary>
    ConnectionLost,

    /// <summary>It said goodbye; no failure.</summary>
    Leaving,
}
