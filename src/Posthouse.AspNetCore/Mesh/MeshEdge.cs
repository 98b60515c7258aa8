using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Jobs;
using Posthouse.Mesh.Hosting;

namespace Posthouse.AspNetCore.Mesh;

/// <summary>What the mesh's routes have in common.</summary>
internal sealed class MeshEdge
{
    private readonly MeshHost _host;

    public MeshEdge(IServiceProvider services)
    {
        var options = services.GetRequiredService<MeshOptions>();
        (_host, Token, Origins) = (services.GetRequiredService<MeshHost>(), OperatorToken.Open(options, services.GetRequiredService<IIds>()), new MeshOrigins(options.CorsOrigins));
        Time = services.GetRequiredService<TimeProvider>();
        Stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        Log = (services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("Posthouse.AspNetCore.Mesh");
    }

    /// <summary>The node.</summary>
    /// <exception cref="PosthouseException">It does not run.</exception>
    public MeshNode Node => _host.Node;

    public OperatorToken Token { get; }

    public MeshOrigins Origins { get; }

    public TimeProvider Time { get; }

    /// <summary>The server is about to end.</summary>
    public CancellationToken Stopping { get; }

    public ILogger Log { get; }

    public WatcherPlaces Watchers { get; } = new();

    /// <summary>A route that may be read from allowed pages; what the node cannot answer is 503.</summary>
    /// <param name="answer">Answers.</param>
    /// <param name="parameters">The names that its query may have; none given means that it is not looked at.</param>
    public RequestDelegate Reads(Func<HttpContext, MeshNode, Task> answer, params string[] parameters) => async context =>
    {
        try
        {
            if (!Origins.Admits(context))
                await MeshAnswers.FailAsync(context, StatusCodes.Status403Forbidden, MeshErrors.OriginRefused, "Pages of this origin may not read prices here: allow it with Mesh:Cors:Origins.");
            else if (parameters.Length > 0 && context.Request.Query.Keys.FirstOrDefault(name => !parameters.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } strange)
                await MeshAnswers.FailAsync(context, StatusCodes.Status400BadRequest, MeshErrors.BadRequest, $"'{strange}' is no parameter here. Known: {string.Join(", ", parameters)}.");
            else
                await answer(context, Node);
        }
        catch (PosthouseException failure)
        {
            await MeshAnswers.FailAsync(context, StatusCodes.Status503ServiceUnavailable, MeshErrors.NotRunning, failure.Message, TimeSpan.FromSeconds(1));
        }
    };

    /// <summary>A page asks whether it may send a request that changes something; whether it has the token shows then.</summary>
    public Task PreflightAsync(HttpContext context)
    {
        context.Response.StatusCode = Origins.AdmitsPreflight(context) ? StatusCodes.Status204NoContent : StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    /// <summary>A route that changes something: for who has the token, and from no page but those that are named.</summary>
    public RequestDelegate Writes(Func<HttpContext, MeshNode, Task> answer) => Reads((context, node) =>
    {
        if (!Origins.AdmitsChange(context))
            return MeshAnswers.FailAsync(context, StatusCodes.Status403Forbidden, MeshErrors.OriginRefused, "Pages of this origin change nothing here: name it with Mesh:Cors:Origins.");
        if (Token.IsIn(context.Request.Headers.Authorization))
            return answer(context, node);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return MeshAnswers.FailAsync(context, StatusCodes.Status401Unauthorized, MeshErrors.TokenRequired,
            "This needs the operator's token: send 'Authorization: Bearer TOKEN', as the file operator.token in the node's folder has it.");
    });
}
