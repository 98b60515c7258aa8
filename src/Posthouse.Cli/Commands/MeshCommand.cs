using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Mesh;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Network;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse mesh</c>: how the mesh stands, as a node of it sees it, and whether that node provides prices.</summary>
internal static class MeshCommand
{
    public static Command Create(TimeProvider time) => new("mesh", "Shows the price mesh as a node of it sees it")
    {
        CommandLine.Json,
        Look("status", "Shows who provides prices, and since when nobody does", "/api/mesh/network/status", () => MeshJson.Default.NetworkStatus, null, time, WriteStatus),
        Look("peers", "Lists the nodes that this one is connected with", "/api/mesh/peers", () => MeshJson.Default.IReadOnlyListMeshPeer, "peers", time, WritePeers),
        Look("providers", "Lists all providers that were ever heard, those that are alive first", "/api/mesh/providers", () => MeshJson.Default.IReadOnlyListMeshProvider, "providers", time, WriteProviders),
        MeshEventsCommand.Create(time),
        MeshProviderCommand.Create(time),
        MeshCertifyCommand.Create(time),
        MeshKeyCommand.Create(time),
    };

    /// <param name="name">The verb.</param>
    /// <param name="description">What it does.</param>
    /// <param name="path">What it asks for.</param>
    /// <param name="type">How the answer is read; made by the verb itself, for every other verb's start would pay for it.</param>
    /// <param name="member">What a list is called in the document; null: it is no list.</param>
    /// <param name="time">The clock.</param>
    /// <param name="write">Shows it to people.</param>
    private static Command Look<T>(string name, string description, string path, Func<JsonTypeInfo<T>> type, string? member, TimeProvider time, Action<MeshSite, T> write)
    {
        var command = new Command(name, description) { MeshSite.Server, MeshSite.Data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var site = MeshSite.Of(parsed, time);
            var answer = await site.GetAsync(path, type(), cancellationToken);
            if (site.Json) { return MeshSite.Document(parsed, "shown", json => Write(json, member, answer, type())); }

            write(site, answer);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write<T>(Utf8JsonWriter json, string? member, T answer, JsonTypeInfo<T> type)
    {
        if (member is null)
        {
            JsonSerializer.Serialize(json, answer, type);
            return;
        }

        json.WriteStartObject();
        json.WritePropertyName(member);
        JsonSerializer.Serialize(json, answer, type);
        json.WriteEndObject();
    }

    private static void WriteStatus(MeshSite site, NetworkStatus status)
    {
        if (status.Notice is { } notice) { site.Output.WriteLine($"{site.Terminal.WarningMark} {notice}"); }
        site.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Node:       {status.NodeId} of {status.Network}, epoch {status.Epoch}"));
        site.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"State:      {StateOf(status)}"));
        site.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Providers:  {status.ActiveProviders.Count} alive{(status.DegradedProviders.Count > 0 ? $", {status.DegradedProviders.Count} of them without prices" : "")}"));
        site.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Peers:      {status.ConnectedPeers} connected, about {status.TotalNetworkSize} node(s) in all"));
        site.Output.WriteLine($"Data:       {(status.LastUpdateTime is null ? "none yet" : status.DataFreshness.ToString())}{(status.OldestAssetAgeSeconds is { } oldest ? $"; the oldest price is {PriceView.Age(oldest)} old" : "")}");
        site.Output.WriteLine($"This node:  {(status.SelfIsProvider ? "provides prices" : "provides no prices")}");
        if (status.SelfWarning is { } doubt) { site.Output.WriteLine(TextTable.Clean($"{site.Terminal.WarningMark} {doubt}", site.Terminal.Unicode)); }
        foreach (var seed in status.UnreachableSeeds) { site.Output.WriteLine(TextTable.Clean($"{site.Terminal.WarningMark} The seed {seed.Address} cannot be reached: {seed.Cause}", site.Terminal.Unicode)); }
        foreach (var disagreement in status.Discrepancies)
        {
            site.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{site.Terminal.WarningMark} {disagreement.Asset}: {Short(disagreement.LowProvider.ToString())} says {disagreement.LowPrice}, {Short(disagreement.HighProvider.ToString())} says {disagreement.HighPrice} ({disagreement.DiscrepancyPercent:0.##} %)"));
        }
    }

    private static string StateOf(NetworkStatus status) => status.State switch
    {
        NetworkState.Starting => "starting",
        NetworkState.Online => "online",
        _ => $"no provider since {status.OfflineSince:yyyy-MM-dd HH:mm:ss}Z",
    };

    private static void WritePeers(MeshSite site, IReadOnlyList<MeshPeer> peers)
    {
        if (peers.Count == 0) { site.Output.WriteLine("No peers. Name another node with Mesh:Seeds; why one that is named cannot be reached stands in 'posthouse mesh status'."); return; }

        var table = new TextTable("Node", "Address", "Dialled", "Connected", "Score", "Provides").AlignRight(3, 4);
        foreach (var peer in peers)
        {
            table.Add(Short(peer.NodeId.ToString()), peer.Address, peer.Outbound ? "by this node" : "by the other", PriceView.Age(peer.ConnectedSeconds), peer.Score.ToString("0.0", CultureInfo.InvariantCulture), peer.IsProvider ? "yes" : "");
        }

        table.Write(site.Output, site.Terminal.Unicode);
    }

    private static void WriteProviders(MeshSite site, IReadOnlyList<MeshProvider> providers)
    {
        if (providers.Count == 0) { site.Output.WriteLine("No provider was ever heard here that this node believes; its log names those that it does not."); return; }

        var now = site.Time.GetUtcNow();
        var table = new TextTable("Node", "State", "Hops", "Last heard", "Health", "Quota left", "Assets").AlignRight(2, 3, 4, 5, 6);
        foreach (var provider in providers)
        {
            table.Add(
                provider.NodeId.ToString(),
                provider.State + (provider.IsSelf ? ", this node" : "") + (provider.IsStandingIn ? ", standing in" : ""),
                provider.HopCount?.ToString(CultureInfo.InvariantCulture) ?? "?",
                PriceView.Age(Math.Max(0, (long)(now - provider.LastSeen).TotalSeconds)),
                provider.Health.ToString("0", CultureInfo.InvariantCulture),
                provider.BudgetPermille is { } left ? (left / 10m).ToString("0.#", CultureInfo.InvariantCulture) + " %" : "?",
                provider.Assets.ToString(CultureInfo.InvariantCulture));
        }

        table.Write(site.Output, site.Terminal.Unicode);
    }

    /// <summary>The first eight characters of an id, as people compare them.</summary>
    private static string Short(string id) => id[..8];
}
