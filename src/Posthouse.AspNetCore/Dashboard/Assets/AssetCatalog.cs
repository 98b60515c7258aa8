using System.Net.Mime;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Posthouse.AspNetCore.Dashboard.Assets;

/// <summary>A file that pages load.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its media type.</param>
/// <param name="Bytes">What is in it.</param>
/// <param name="Path">Where it is served: its hash is part of the path, so that it may be kept for ever.</param>
internal sealed record Asset(string Name, string Type, byte[] Bytes, string Path);

/// <summary>The files in this assembly that pages load.</summary>
internal sealed class AssetCatalog
{
    private const string Prefix = "dashboard/";

    private static readonly Lazy<AssetCatalog> _ofAssembly = new(() => new AssetCatalog(
        typeof(AssetCatalog).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(Read)));

    private readonly Dictionary<string, Asset> _byName;
    private readonly Dictionary<string, Asset> _byPath;

    internal AssetCatalog(IEnumerable<(string Name, byte[] Bytes)> files)
    {
        _byName = files.Select(file => new Asset(file.Name, TypeOf(file.Name), file.Bytes, $"/assets/{Convert.ToHexStringLower(SHA256.HashData(file.Bytes))[..16]}/{file.Name}"))
            .ToDictionary(asset => asset.Name, StringComparer.Ordinal);
        _byPath = _byName.Values.ToDictionary(asset => asset.Path, StringComparer.Ordinal);
    }

    /// <summary>What this assembly was built with.</summary>
    public static AssetCatalog OfAssembly => _ofAssembly.Value;

    /// <summary>Whether the libraries are there that make pages move; without npm they are not built in.</summary>
    public bool Moves => _byName.ContainsKey("htmx.min.js") && _byName.ContainsKey("uPlot.iife.min.js");

    /// <summary>Where a file is; null: it was not built in.</summary>
    public string? PathOf(string name) => _byName.GetValueOrDefault(name)?.Path;

    /// <summary>Answers with the file of the request's path.</summary>
    public Task AnswerAsync(HttpContext context)
    {
        if (!_byPath.TryGetValue(context.Request.Path.Value ?? "", out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var (headers, tag) = (context.Response.Headers, '"' + asset.Path.Split('/')[2] + '"');
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        context.Response.ContentType = asset.Type;
        context.Response.ContentLength = asset.Bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(asset.Bytes).AsTask();
    }

    private static (string Name, byte[] Bytes) Read(string resource)
    {
        using var stream = typeof(AssetCatalog).Assembly.GetManifestResourceStream(resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return (resource[Prefix.Length..], bytes);
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => MediaTypeNames.Image.Svg,
        _ => "text/plain; charset=utf-8",
    };
}
