using System.Net.Http.Json;

namespace OfflineChat;

/// <summary>What the others write. Reading needs no queue: what was not seen now is there a second later.</summary>
public sealed class Inbox(HttpClient http, string me, TextWriter screen)
{
    public async Task FollowAsync(string conversation, CancellationToken cancellationToken)
    {
        var path = new Uri($"conversations/{Uri.EscapeDataString(conversation)}/messages", UriKind.Relative);
        using var everySecond = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var seen = 0; await everySecond.WaitForNextTickAsync(cancellationToken);)
        {
            try
            {
                var all = await http.GetFromJsonAsync<Message[]>(path, cancellationToken) ?? [];
                foreach (var message in all.Skip(seen).Where(message => message.From != me))
                {
                    screen.WriteLine($"{message.From}: {message.Text}");
                }

                seen = all.Length;
            }
            catch (HttpRequestException)
            {
                // Offline. The server's list starts again when the server does.
                seen = 0;
            }
        }
    }
}
