using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Posthouse.AspNetCore.Dashboard.Guard;
using Posthouse.AspNetCore.Dashboard.Shell;

namespace Posthouse.AspNetCore.Dashboard;

/// <summary>Takes the token once, for a session; and ends it.</summary>
internal static class SignIn
{
    private const string Path = "/sign-in";
    private const string Out = "/sign-out";
    private const string Token = "token";

    public static void Map(IEndpointRouteBuilder endpoints, DashboardEdge edge)
    {
        endpoints.MapGet(Path, edge.Open(context => Task.FromResult(Ask(context, edge))));
        endpoints.MapPost(Path, edge.Takes((context, form) => Task.FromResult(Take(context, form, edge))));
        endpoints.MapAction(edge, Out,
            context => Task.FromResult<IResult>(new Question("This browser will need the token again.", "Sign out", Out, "/").Page("Sign out?", null, context)),
            (context, _) =>
            {
                edge.Sessions.End(context);
                return Task.FromResult(Results.Redirect(Path));
            });
    }

    private static IResult Ask(HttpContext context, DashboardEdge edge) =>
        edge.Sessions.Includes(context) ? Results.Redirect("/")
        : Sessions.CanKeep(context) ? Form(context, null)
        : Insecure();

    private static IResult Take(HttpContext context, IFormCollection form, DashboardEdge edge)
    {
        if (!Sessions.CanKeep(context)) { return Insecure(); }
        if (!edge.Sessions.IsToken(form[Token].ToString()))
        {
            edge.RefusedSignIn(context);
            return Form(context, DashboardErrors.TokenWrong) with { Status = StatusCodes.Status401Unauthorized };
        }

        edge.Sessions.Begin(context);
        return Results.Redirect("/");
    }

    private static Page Form(HttpContext context, string? code) =>
        new Question("The dashboard is open to who has its token: the text in the file that Dashboard:TokenFile names.", "Sign in", Path, "/sign-in")
        {
            More = TokenField.Of(Token, code),
        }.Page("Sign in", null, context);

    private static Page Insecure() => DashboardEdge.Failed(StatusCodes.Status400BadRequest, DashboardErrors.LineInsecure,
        "Others can read what is sent on this line, so no token is taken. Put a proxy with https in front of the server, or reach it through a tunnel: ssh -L 6060:127.0.0.1:6060 SERVER, and then http://127.0.0.1:6060.", Path);
}
