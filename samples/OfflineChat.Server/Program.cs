using System.Collections.Concurrent;
using System.Collections.Immutable;

// The far side of the chat. It keeps messages in memory, and each key once: a client that never heard the answer may
// send again, and gets the same answer.
const int LongestText = 280;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();
var conversations = new ConcurrentDictionary<string, ImmutableList<Message>>();

app.MapPost("/conversations/{conversation}/messages", (string conversation, NewMessage message, HttpRequest request) =>
{
    if (string.IsNullOrWhiteSpace(message.Text) || message.Text.Length > LongestText)
    {
        return Results.UnprocessableEntity(new { error = $"A message has 1 to {LongestText} characters." });
    }

    var stored = new Message(request.Headers["Idempotency-Key"].ToString(), message.From, message.Text, DateTimeOffset.UtcNow);
    var all = conversations.AddOrUpdate(conversation, [stored], (_, standing) => standing.Exists(m => m.Id == stored.Id) ? standing : standing.Add(stored));
    return Results.Ok(all.Find(m => m.Id == stored.Id));
});

app.MapGet("/conversations/{conversation}/messages", (string conversation) => conversations.GetValueOrDefault(conversation, []));

app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"The chat's server listens at {string.Join(" and ", app.Urls)}; Ctrl+C ends it."));
app.Run();

internal sealed record NewMessage(string From, string Text);

internal sealed record Message(string Id, string From, string Text, DateTimeOffset At);
