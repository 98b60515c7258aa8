using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Posthouse.Cli.Output;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Cli.Commands;

/// <summary>The demo's client while it is there: answers one push, says so, and ends. Hidden, because it keeps nothing.</summary>
internal static class DemoListenCommand
{
    // Above every body that a provider of ours sends.
    private const int MaxBytes = 4 << 20;

    public static Command Create()
    {
        var url = new Argument<string>("URL") { Description = "Where to listen" };
        var command = new Command("listen", "Answers one push") { url };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            await using var app = builder.Build();
            var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            app.MapPost(IvxpProtocol.Routes.Receive, async context =>
            {
                var length = await LengthAsync(context);
                output.WriteLine($"a push of {length} bytes arrived, attempt {context.Request.Headers[IvxpProtocol.Headers.Attempt]}");
                await context.Response.WriteAsync("""{"status":"received"}""", context.RequestAborted);
                await context.Response.CompleteAsync();
                received.TrySetResult();
            });
            app.Urls.Add(parsed.GetRequiredValue(url));
            await app.StartAsync(cancellationToken);
            output.WriteLine("listening");
            await received.Task.WaitAsync(cancellationToken);
            await app.StopAsync(cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<int> LengthAsync(HttpContext context)
    {
        var buffer = new byte[MaxBytes];
        return await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
    }
}
