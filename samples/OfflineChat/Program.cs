using Microsoft.Extensions.DependencyInjection;
using OfflineChat;
using Posthouse;
using Posthouse.Queue;

// dotnet run --project samples/OfflineChat -- anna [server] [folder]
var me = args.ElementAtOrDefault(0) ?? "anna";
var server = new Uri(args.ElementAtOrDefault(1) ?? "http://127.0.0.1:5080/");
var folder = args.ElementAtOrDefault(2) ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "OfflineChat", me);

var http = new HttpClient { BaseAddress = server };
var services = new ServiceCollection();
services.AddSingleton(http);

// Under this name the command line finds it too: posthouse queue list --data FOLDER
services.AddPosthouse().UseSqlite(Path.Combine(folder, "posthouse.db")).AddOfflineChatJobs();

await using var provider = services.BuildServiceProvider();
await using var posthouse = await provider.StartPosthouse();
var queue = posthouse.Queue;

using var closing = new CancellationTokenSource();
var view = new ChatView(queue, me, Console.Out);
var following = Task.WhenAll(view.FollowAsync(closing.Token), new Inbox(http, me, Console.Out).FollowAsync("harbour", closing.Token));
Console.WriteLine($"Hello {me}. Write a message and press Enter; the end of input (Ctrl+D) closes the program.");

while (await Console.In.ReadLineAsync() is { } text)
{
    switch (text)
    {
        case "/retry" when view.LastFailed is { } failed:
            await queue.RetryAsync(failed);
            break;
        case "/discard" when view.LastFailed is { } failed:
            await queue.DiscardAsync(failed);
            break;
        default:
            // When this await is over the message is on disk: closing the program, or its crash, no longer loses it.
            await queue.EnqueueAsync(new SendMessage("harbour", me, text), new EnqueueOptions { Owner = me });
            break;
    }
}

closing.Cancel();
await Task.WhenAny(following);
