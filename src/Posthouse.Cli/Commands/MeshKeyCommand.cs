using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse mesh key show|rotate</c>: the key that a node's name follows from, and another one in its place.</summary>
internal static class MeshKeyCommand
{
    /// <summary>How long a node that is started only to tell of its next key looks for a peer.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    public static Command Create(TimeProvider time)
    {
        var show = new Command("show", "Shows the node's id, its key's fingerprint and its public key");
        show.SetAction(parsed => Show(parsed));
        var yes = new Option<bool>("--yes") { Description = "Does not ask" };
        var rotate = new Command("rotate", "Gives the node another key, and so another id, and keeps the old one aside") { yes, MeshSite.TokenFile };
        rotate.SetAction((parsed, cancellationToken) => RotateAsync(parsed, parsed.GetValue(yes), time, cancellationToken));
        return new("key", "Shows the node's key, or gives it another one") { show, rotate, MeshSite.Server, MeshSite.Data };
    }

    private static int Show(ParseResult parsed)
    {
        var file = Path.Combine(Folder(parsed), ServeMesh.Folder, NodeParts.KeyFile);
        if (!File.Exists(file)) { throw new PosthouseException(MeshErrors.NoMesh, $"There is no node's key {file}: 'posthouse serve' makes it at its first start as a node, or name the server's folder with --data DIR."); }

        using var key = EcdsaKey.Open(file);
        var spki = new byte[PublicKey.SpkiBytes];
        key.Public.WriteSpki(spki);
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(spki));
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(CommandLine.Json))
        {
            return MeshSite.Document(parsed, "shown", json =>
            {
                json.WriteStartObject();
                json.WriteString("node_id", key.Public.Id.ToString());
                json.WriteString("fingerprint", fingerprint);
                json.WriteString("public_key", key.Public.ToString());
                json.WriteEndObject();
            });
        }

        output.WriteLine($"Node:         {key.Public.Id}");
        output.WriteLine($"Fingerprint:  {fingerprint}");
        output.WriteLine($"Key:          {key.Public}");
        return ExitCodes.Done;
    }

    private static async Task<int> RotateAsync(ParseResult parsed, bool isAgreed, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = Folder(parsed);
        var isRunning = parsed.GetValue(MeshSite.Server) is not null || RunningServer.Find(folder) is not null;
        if (!isAgreed && !Agrees(parsed)) { return ExitCodes.Failed; }

        var changed = isRunning ? await AskServerAsync(parsed, time, cancellationToken) : await ChangeStoppedAsync(parsed, folder, time, cancellationToken);
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(CommandLine.Json))
        {
            return MeshSite.Document(parsed, "rotated", changed.WriteTo);
        }

        output.WriteLine($"{Terminal.OfProcess().DoneMark} Node {Text(changed, "node_id")} is {Text(changed, "next_node_id")} from its next start on");
        output.WriteLine($"Key:      {Text(changed, "public_key")}");
        output.WriteLine($"Old key:  {Text(changed, "old_key_file")}; delete it once the node runs under its new id");
        output.WriteLine(Text(changed, "trust") switch
        {
            "allowlist" => string.Create(CultureInfo.InvariantCulture, $"Told:     {changed.GetProperty("told_peers").GetInt32()} peer(s); they go over to the new id, and others when they hear it from these or from this node; write it into Mesh:Providers of every node all the same"),
            "operator" => "Trust:    others believe the new key by its operator's certificate",
            _ => "Trust:    others believe everybody",
        });
        if (isRunning) { output.WriteLine("Restart the server now: until then it provides no prices."); }
        return ExitCodes.Done;
    }

    private static async Task<JsonElement> AskServerAsync(ParseResult parsed, TimeProvider time, CancellationToken cancellationToken)
    {
        using var site = MeshSite.Of(parsed, time);
        return await site.PostAsync("/api/mesh/key/rotate", default, cancellationToken);
    }

    /// <summary>Only the old key can tell those who list it of the new one; so the node is started for that alone.</summary>
    private static async Task<JsonElement> ChangeStoppedAsync(ParseResult parsed, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        using var held = ServeLock.Take(folder);
        var options = ServeMesh.Options(CommandLine.Configuration(parsed), folder) with { Provide = false };
        var changed = options.Trust == TrustMode.AllowList ? await TellAsync(options, time, cancellationToken) : KeyRotation.RunStopped(options);
        return JsonDocument.Parse(JsonLine(json =>
        {
            json.WriteString("node_id", changed.Old.ToString());
            json.WriteString("next_node_id", changed.New.ToString());
            json.WriteString("public_key", changed.Key.ToString());
            json.WriteString("old_key_file", changed.Aside);
            json.WriteNumber("told_peers", changed.Told);
            json.WriteString("trust", options.Trust.ToString().ToLowerInvariant());
        })).RootElement;
    }

    private static async Task<ChangedKey> TellAsync(MeshOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddSingleton(time).AddMesh(options).BuildServiceProvider();
        var host = services.GetRequiredService<MeshHost>();
        await host.StartAsync(cancellationToken);
        try
        {
            var began = time.GetTimestamp();
            while (options.Seeds.Count > 0 && time.GetElapsedTime(began) < _patience && (await host.Node.GetPeersAsync()).Count == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
            }

            return await host.Node.ChangeKeyAsync();
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static bool Agrees(ParseResult parsed)
    {
        if (!Terminal.OfProcess().IsInteractive || parsed.GetValue(CommandLine.Json))
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "key rotate gives the node another id for ever; nobody can be asked here, so say --yes.");
        }

        parsed.InvocationConfiguration.Output.Write("Give the node another key, and so another id? Whoever lists the old one has to list the new one. [y/N] ");
        return Console.In.ReadLine()?.Trim() is { Length: > 0 } answer && char.ToLowerInvariant(answer[0]) == 'y';
    }

    private static string Folder(ParseResult parsed) =>
        Path.GetFullPath(parsed.GetValue(MeshSite.Data) ?? CommandLine.Configuration(parsed).Required(ConfigurationKeys.DataDirectory));

    private static string? Text(JsonElement changed, string name) => changed.GetProperty(name).GetString();

    private static string JsonLine(Action<Utf8JsonWriter> members)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
