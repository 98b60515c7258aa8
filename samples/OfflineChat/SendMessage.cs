using System.Net.Http.Json;
using Posthouse.Jobs;

namespace OfflineChat;

/// <summary>A message as the chat shows it: first as we hope, later as the server has it.</summary>
public sealed record Message(string Id, string From, string Text, DateTimeOffset At);

/// <summary>
/// The intent: this text shall reach the other side. Messages of one conversation share a lane, so they arrive in the
/// order in which they were written. <see cref="WhenDead.Skip"/>: a message that the server refuses must not hold up the
/// later ones; the chat goes on, and the refused message waits for its author to decide. (Where later steps need the
/// earlier ones, locking before pushing for example, the default <see cref="WhenDead.Block"/> is right.)
/// </summary>
[Job("chat.send", IdPrefix = "msg", Lane = "{Conversation}", WhenDead = WhenDead.Skip, Destination = "chat-server")]
public sealed record SendMessage(string Conversation, string From, string Text) : IJob<Message>
{
    public Message OptimisticResult(OptimisticContext context) => new(context.Id.Value, From, Text, context.Now);
}

/// <summary>
/// One try. What can go wrong is not handled here: a server that is not there, one that fails and one that refuses are told
/// apart by the exception, and the queue tries again, or gives up and says so.
/// </summary>
public sealed class SendMessageHandler(HttpClient http) : IJobHandler<SendMessage, Message>
{
    public async Task<Outcome<Message>> HandleAsync(SendMessage job, JobContext context, CancellationToken cancellationToken)
    {
        var path = new Uri($"conversations/{Uri.EscapeDataString(job.Conversation)}/messages", UriKind.Relative);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(new { job.From, job.Text }) };
        request.Headers.Add("Idempotency-Key", context.IdempotencyKey);
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<Message>(cancellationToken))!;
    }
}
