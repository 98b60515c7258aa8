using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.AspNetCore.Dashboard.Assets;
using Posthouse.AspNetCore.Dashboard.Guard;
using Posthouse.AspNetCore.Dashboard.Live;
using Posthouse.AspNetCore.Dashboard.Orders;
using Posthouse.AspNetCore.Dashboard.Shell;
using Posthouse.AspNetCore.Diagnostics;
using Posthouse.Ivxp.Protocol;
using Posthouse.Jobs;

namespace Posthouse.AspNetCore.Dashboard;

/// <summary>What the dashboard's pages have in common: who may ask, how answers look, what becomes of an error.</summary>
internal sealed class DashboardEdge
{
    /// <summary>Bytes of a form: an edited payload and a few names.</summary>
    public const int MaxFormBytes = 256 * 1024;

    /// <summary>The field of a form that names an order, whose id is a secret that no log has whole.</summary>
    public const string OrderField = "order";

    /// <summary>Time between two lines of the log on tokens that were refused.</summary>
    private static readonly TimeSpan _refusalRest = TimeSpan.FromSeconds(1);

    private readonly RequestGuard _guard;
    private readonly ILogger _log;
    private readonly Lock _refusing = new();
    private long? _refusedAt;

    public DashboardEdge(DashboardOptions options, IServiceProvider services)
    {
        Time = services.GetRequiredService<TimeProvider>();
        (_guard, Forms, Sessions) = (new RequestGuard(options), new Forms(options), new Sessions(options, Time, services.GetRequiredService<IIds>()));
        Stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        _log = (services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("Posthouse.AspNetCore.Dashboard");
        Live = new LiveFeed(services, Time, _log);
    }

    public AssetCatalog Assets { get; } = AssetCatalog.OfAssembly;

    public Forms Forms { get; }

    public Sessions Sessions { get; }

    public TimeProvider Time { get; }

    public LiveFeed Live { get; }

    /// <summary>The server is about to end.</summary>
    public CancellationToken Stopping { get; }

    public static DashboardEdge Of(HttpContext context) => context.RequestServices.GetRequiredService<DashboardEdge>();

    /// <summary>A page or a part of one, for who has given the token.</summary>
    public RequestDelegate Reads(Func<HttpContext, Task<IResult>> answer) => context => AnswerAsync(context, _guard.Look(context), async () =>
        Sessions.Includes(context) ? await answer(context)
        : IsNavigation(context) ? Results.Redirect("/sign-in")
        : Results.StatusCode(StatusCodes.Status401Unauthorized));

    /// <summary>Whether who asks may look.</summary>
    public bool Admits(HttpContext context) => _guard.Look(context) is null && Sessions.Includes(context);

    /// <summary>A change, for who has given the token, by a form that this server gave out.</summary>
    /// <param name="name">What it is called in the log.</param>
    /// <param name="act">Does it, and says where the result is told.</param>
    public RequestDelegate Writes(string name, Func<HttpContext, IFormCollection, Task<IResult>> act) => Takes(async (context, form) =>
    {
        if (!Sessions.Includes(context)) { return Failed(StatusCodes.Status401Unauthorized, DashboardErrors.SignInNeeded, "Your session has ended. Sign in, and ask again."); }

        var result = await act(context, form);
        // A page in place of the next one says why nothing was done.
        if (result is Page { Status: >= StatusCodes.Status400BadRequest }) { return result; }

        _log.DashboardActed(name, Subject(form), context.Connection.RemoteIpAddress);
        return result;
    });

    /// <summary>A form, from whomever.</summary>
    public RequestDelegate Takes(Func<HttpContext, IFormCollection, Task<IResult>> act) => context => AnswerAsync(context, _guard.Change(context), async () =>
    {
        if (context.Request.ContentLength > MaxFormBytes)
        {
            return Failed(StatusCodes.Status413PayloadTooLarge, DashboardErrors.FormExpired, $"A form of more than {MaxFormBytes / 1024} KiB is not taken here; 'posthouse queue retry ID --edit FILE' takes it.");
        }

        return await FormAsync(context) is { } form
            ? await act(context, form)
            : Failed(StatusCodes.Status400BadRequest, DashboardErrors.FormExpired, "This form is not, or no longer, one of this server. Go back, load the page again, and send it once more. Nothing was changed.");
    });

    /// <summary>Files that pages load, which hold no secret.</summary>
    public RequestDelegate Files() => context => AnswerAsync(context, _guard.Look(context), async () => await Task.FromResult(new Whatever(Assets.AnswerAsync)));

    /// <summary>The page that is open to who has no session yet.</summary>
    public RequestDelegate Open(Func<HttpContext, Task<IResult>> answer) => context => AnswerAsync(context, _guard.Look(context), async () => await answer(context));

    /// <summary>A page that says why the rooms refused.</summary>
    public static Page Failed(PosthouseException failure, string back) => Failed(StatusOf(failure.Code), failure.Code, failure.Message, back);

    /// <summary>A page that says what went wrong.</summary>
    public static Page Failed(int status, string code, string message, string back = "/") =>
        new(status == StatusCodes.Status404NotFound ? "Not found" : "That did not work", null, Bits.Trouble(code, message, back)) { Status = status, IsLive = false };

    /// <summary>Tells that a wrong token was given: once a second at most, for whoever guesses must not fill the log.</summary>
    public void RefusedSignIn(HttpContext context)
    {
        lock (_refusing)
        {
            if (_refusedAt is { } at && Time.GetElapsedTime(at) < _refusalRest) { return; }
            _refusedAt = Time.GetTimestamp();
        }

        _log.SignInRefused(context.Connection.RemoteIpAddress);
    }

    /// <summary>The form that was sent; null: it is none, it has more fields than any of ours, or none of ours is it.</summary>
    private async Task<IFormCollection?> FormAsync(HttpContext context)
    {
        try
        {
            return context.Request.HasFormContentType && await Forms.AreOursAsync(context) ? await context.Request.ReadFormAsync(context.RequestAborted) : null;
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or AntiforgeryValidationException or BadHttpRequestException)
        {
            return null;
        }
    }

    private async Task AnswerAsync(HttpContext context, Refused? refused, Func<Task<IResult>> answer)
    {
        PageHeaders.Set(context.Response);
        if (refused is not null)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync($"{refused.Message} ({refused.Code})\n", context.RequestAborted);
            return;
        }

        Page trouble;
        try
        {
            await (await answer()).ExecuteAsync(context);
            return;
        }
        catch (PosthouseException failure) when (!context.Response.HasStarted)
        {
            // A job that is not here has no question to go back to either.
            trouble = Failed(failure, failure.Code == ErrorCodes.JobNotFound ? Room.Queue.Path : context.Request.Path.Value ?? "/");
        }
        catch (Exception bug) when (bug is not OperationCanceledException && !context.Response.HasStarted)
        {
            _log.ExchangeFailed(bug, context.Request.Path);
            trouble = Failed(StatusCodes.Status500InternalServerError, DashboardErrors.Unexpected, "The server met an error of its own; its log has the details.");
        }

        await trouble.ExecuteAsync(context);
    }

    private static string Subject(IFormCollection form) =>
        form["id"].ToString() is { Length: > 0 } id ? id
        : form[OrderField].ToString() is { Length: > 0 } order ? OrderFace.Short(order)
        : form["destination"].ToString();

    private static int StatusOf(string code) => code switch
    {
        ErrorCodes.JobNotFound or IvxpErrors.OrderNotFound => StatusCodes.Status404NotFound,
        ErrorCodes.JobStateConflict => StatusCodes.Status409Conflict,
        ErrorCodes.JobInvalid or ErrorCodes.JobTooLarge or ErrorCodes.OptionsInvalid => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    private static bool IsNavigation(HttpContext context) => !context.Request.Query.ContainsKey("part") && context.Request.Path != LiveRoute.Path;

    private sealed class Whatever(RequestDelegate answer) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => answer(httpContext);
    }
}
