using Posthouse.Jobs;
using Posthouse.Queue;

namespace OfflineChat;

/// <summary>
/// The screen. It is told of everything by events, also of what happened before it was opened, and keeps nothing itself:
/// the queue's log is the chat.
/// </summary>
public sealed class ChatView(JobQueue queue, string me, TextWriter screen)
{
    private readonly Dictionary<JobId, string> _texts = [];
    private readonly List<JobId> _failed = [];

    /// <summary>Shows what the log says of my messages and follows it.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var happened in queue.Events.ReadAsync(owner: me, cancellationToken: cancellationToken))
        {
            Show(happened);
        }
    }

    /// <summary>The message that failed last and was not decided about yet.</summary>
    public JobId? LastFailed => _failed.Count > 0 ? _failed[^1] : null;

    private void Show(JobEvent happened)
    {
        switch (happened)
        {
            case JobAccepted { Optimistic: Message message }:
                _texts[happened.Id] = message.Text;
                Line(happened.Id, "sending");
                break;
            case JobDone:
                Line(happened.Id, "sent");
                break;
            case JobDead:
                _failed.Add(happened.Id);
                Line(happened.Id, "failed – try again?  /retry  /discard");
                break;
            case JobRetried:
                _failed.Remove(happened.Id);
                Line(happened.Id, "sending");
                break;
            case JobDiscarded:
                _failed.Remove(happened.Id);
                Line(happened.Id, "taken back");
                break;
        }
    }

    private void Line(JobId id, string status) => screen.WriteLine($"{me}: {_texts.GetValueOrDefault(id, id.Value)}  [{status}]");
}
