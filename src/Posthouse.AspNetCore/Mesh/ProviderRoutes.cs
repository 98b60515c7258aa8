using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Diagnostics;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Providers.Sources;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>Whether this node provides prices, and the switch for it.</summary>
internal static class ProviderRoutes
{
    /// <summary>A body holds one key of at most 4,096 characters.</summary>
    private const int MaxBodyBytes = 8 * 1024;

    private const string KeyMember = "api_key";

    public static Task StatusAsync(HttpContext context, MeshNode node) => MeshAnswers.OkAsync(context, json =>
    {
        json.WriteBoolean("enabled", node.IsProvider);
        json.WriteString("node_id", node.Id.ToString());
        if (node.LastFetch is { } last)
            json.WriteString("last_fetch_time", last);
        json.WriteNumber("fetch_count", node.Fetches);
        WriteWarning(json, node);
    });

    public static async Task EnableAsync(HttpContext context, MeshNode node, ILogger log)
    {
        if (node.IsKeyChanged)
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status409Conflict, MeshErrors.RestartNeeded, "This node got another key, and nobody believes the old one any more: restart the server, and it provides under its new id.");
            return;
        }

        if (await ReadKeyAsync(context) is not { IsFine: true } read)
            return;
        try
        {
            if (await node.EnableProviderAsync(read.Key, context.RequestAborted) is { } fault)
            {
                var isKey = fault.Kind == SourceFaultKind.KeyRefused;
                await MeshAnswers.FailAsync(
                    context,
                    isKey ? StatusCodes.Status401Unauthorized : StatusCodes.Status500InternalServerError,
                    isKey ? MeshErrors.KeyInvalid : MeshErrors.FetchFailed,
                    fault.Detail,
                    fault.RetryAfter);
                return;
            }
        }
        catch (PosthouseException failure) when (failure.Code == ErrorCodes.OptionsInvalid)
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status400BadRequest, MeshErrors.NotConfigured, failure.Message);
            return;
        }

        log.ProviderSwitched("enabled", context.Connection.RemoteIpAddress);
        await SwitchedAsync(context, node, enabled: true);
    }

    public static async Task DisableAsync(HttpContext context, MeshNode node, ILogger log)
    {
        await node.DisableProviderAsync();
        log.ProviderSwitched("disabled", context.Connection.RemoteIpAddress);
        await SwitchedAsync(context, node, enabled: false);
    }

    private static Task SwitchedAsync(HttpContext context, MeshNode node, bool enabled) => MeshAnswers.OkAsync(context, json =>
    {
        json.WriteBoolean("enabled", enabled);
        json.WriteString("node_id", node.Id.ToString());
        WriteWarning(json, node);
    });

    /// <summary>Who is told that a node provides is told too that nobody believes it.</summary>
    private static void WriteWarning(Utf8JsonWriter json, MeshNode node)
    {
        if (node.GetStatus().SelfWarning is { } warning)
            json.WriteString("warning", warning);
    }

    /// <summary>The key of the body, if it holds one; an answer was written where it is not fine.</summary>
    private static async Task<(bool IsFine, SourceKey? Key)> ReadKeyAsync(HttpContext context)
    {
        var buffer = new byte[MaxBodyBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        string? text = null;
        try
        {
            if (length > MaxBodyBytes)
                throw new JsonException();
            if (length > 0)
            {
                using var body = JsonDocument.Parse(buffer.AsMemory(0, length));
                foreach (var member in body.RootElement.EnumerateObject())
                {
                    if (member.Name != KeyMember)
                    {
                        await MeshAnswers.FailAsync(context, StatusCodes.Status400BadRequest, MeshErrors.BadRequest, $"The body has '{member.Name}', and only '{KeyMember}' is known.");
                        return default;
                    }

                    text = member.Value.ValueKind == JsonValueKind.Null ? null : member.Value.GetString();
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status400BadRequest, MeshErrors.BadRequest, "The body is JSON: {\"api_key\": \"…\"}, or empty for the configured key.");
            return default;
        }

        if (string.IsNullOrEmpty(text))
            return (true, null);
        if (!context.Request.IsHttps && context.Connection.RemoteIpAddress is { } from && !IPAddress.IsLoopback(from))
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status400BadRequest, MeshErrors.KeyInsecure, "A key is taken over TLS or from this machine alone; others have seen this one now: change it.");
            return default;
        }

        try
        {
            return (true, SourceKey.Of(text));
        }
        catch (PosthouseException unusable)
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status401Unauthorized, MeshErrors.KeyInvalid, unusable.Message);
            return default;
        }
    }
}
