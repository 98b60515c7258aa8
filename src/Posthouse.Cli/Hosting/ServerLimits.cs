using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Posthouse.Cli.Hosting;

/// <summary>What a stranger may cost the server before anything of his is understood, and whom it believes about where he is.</summary>
internal static class ServerLimits
{
    /// <summary>Connections: with some kilobytes each, far below the memory of a small machine; more wait in the system's own queue.</summary>
    private const int Connections = 10_000;

    /// <summary>Bytes of a body that is read at all; every path has its own and lower limit, so this one only guards new ones.</summary>
    private const long BodyBytes = 1 << 20;

    /// <summary>Bytes of all header fields: signed requests have three of about 200, proxies add a few.</summary>
    private const int HeaderBytes = 16 * 1024;

    /// <summary>Header fields: browsers behind two proxies send about thirty.</summary>
    private const int HeaderCount = 64;

    /// <summary>Bytes of a request line: the longest path has about 100.</summary>
    private const int RequestLineBytes = 4 * 1024;

    /// <summary>Until the header is there: a slow phone needs three seconds, and who dribbles holds no connection.</summary>
    private static readonly TimeSpan _headerTime = TimeSpan.FromSeconds(15);

    /// <summary>How long an idle connection is kept: longer than a client's wait between polls (30 s), so that it needs no new one.</summary>
    private static readonly TimeSpan _idleTime = TimeSpan.FromSeconds(60);

    /// <summary>The slowest body that is waited for, after a first pause: a proof of 1 KiB then takes a second, 64 KiB a minute.</summary>
    private static readonly MinDataRate _bodyRate = new(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));

    /// <summary>The slowest reader of an answer; below it the connection is given to somebody else.</summary>
    private static readonly MinDataRate _answerRate = new(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));

    /// <summary>Sets them.</summary>
    public static void Apply(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.AllowSynchronousIO = false;
        server.Limits.MaxConcurrentConnections = Connections;
        server.Limits.MaxRequestBodySize = BodyBytes;
        server.Limits.MaxRequestHeadersTotalSize = HeaderBytes;
        server.Limits.MaxRequestHeaderCount = HeaderCount;
        server.Limits.MaxRequestLineSize = RequestLineBytes;
        server.Limits.RequestHeadersTimeout = _headerTime;
        server.Limits.KeepAliveTimeout = _idleTime;
        server.Limits.MinRequestBodyDataRate = _bodyRate;
        server.Limits.MinResponseDataRate = _answerRate;
    }

    /// <summary>
    /// A proxy on this machine, which https needs, and those that the configuration names are believed about the client's address and scheme;
    /// nobody else is, and not about more than one step.
    /// </summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: an item names neither an address nor a network.</exception>
    public static ForwardedHeadersOptions Proxies(Configuration configuration)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = 1 };
        foreach (var (at, item) in configuration.Texts(OperatingKeys.Proxies).Index())
        {
            if (IPAddress.TryParse(item, out var address)) { options.KnownProxies.Add(address); }
            else if (System.Net.IPNetwork.TryParse(item, out var network)) { options.KnownIPNetworks.Add(network); }
            else
            {
                throw new PosthouseException(ErrorCodes.OptionsInvalid,
                    $"{configuration.SourceOf($"{OperatingKeys.Proxies}:{at}")}: {OperatingKeys.Proxies}:{at} is '{item}', expected an address, or a network such as 172.17.0.0/16");
            }
        }

        return options;
    }
}
