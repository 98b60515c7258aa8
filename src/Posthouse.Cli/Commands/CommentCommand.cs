using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs.Comments;
using Posthouse.Vcs.Sync;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse comment</c>: remarks on revisions, written here first and exchanged with the remote when it can be reached.</summary>
internal static class CommentCommand
{
    public static Command Create(TimeProvider time)
    {
        var command = new Command("comment", "Writes and reads remarks on revisions") { Add(time), List(time), Sync(time) };
        VcsFlags.AddTo(command);
        return command;
    }

    private static Command Add(TimeProvider time)
    {
        var revision = new Argument<string>("REV") { Description = "What it is about: a commit, a branch, HEAD" };
        var text = new Argument<string>("TEXT") { Description = "What it says; - for standard input" };
        var reply = new Option<string?>("--reply-to") { Description = "The comment that it answers; the beginning of its id is enough", HelpName = "ID" };
        var command = new Command("add", "Writes a remark on a revision") { revision, text, reply };
        VcsVerb.Does(command, time, async (site, parsed, cancellationToken) =>
        {
            var words = parsed.GetRequiredValue(text);
            if (words == "-") { words = await InputAsync(cancellationToken); }
            var comment = await site.Comments.AddAsync(parsed.GetRequiredValue(revision), words, parsed.GetValue(reply), cancellationToken);
            // It is written; that the exchange waits changes nothing about that.
            var end = await site.PerformAsync(new SyncComments(site.Project.CloneId), ForegroundBudget.Comments(site.Configuration), cancellationToken);
            return new VerbEnd("added")
            {
                Lines = [$"{site.Terminal.DoneMark} Comment added on {Short(comment.Commit)} ({comment.Id})"],
                Warnings = end.Kind is OperationEndKind.Done or OperationEndKind.Queued ? [] : ["It is kept here, but was not exchanged: " + end.Failure?.Message],
                Data = json => OperationText.Data(json, end, null, members =>
                {
                    members.WritePropertyName("comment");
                    Write(members, comment);
                }),
            };
        });
        return command;
    }

    /// <summary>Standard input, as far as is enough to know that it is too long.</summary>
    private static async Task<string> InputAsync(CancellationToken cancellationToken)
    {
        // Line ends of two characters become one, and what is blank around it goes.
        var text = new char[2 * Comment.MaxText];
        var read = await Console.In.ReadBlockAsync(text, cancellationToken);
        return read < text.Length ? new string(text, 0, read) : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"A comment has 1 to {Comment.MaxText} characters; this one has more.");
    }

    private static Command List(TimeProvider time)
    {
        var revision = new Argument<string?>("REV") { Description = "Only remarks on this revision", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("list", "Lists remarks: those written here and those that came with the last exchange") { revision };
        VcsVerb.Does(command, time, async (site, parsed, cancellationToken) =>
        {
            var comments = await site.Comments.ListAsync(parsed.GetValue(revision), cancellationToken);
            return new VerbEnd("listed")
            {
                Lines = comments.Count == 0 ? ["No comments."] : [.. comments.SelectMany(comment => Lines(comment, site))],
                Data = json =>
                {
                    json.WriteStartObject();
                    json.WriteStartArray("comments");
                    foreach (var comment in comments) { Write(json, comment); }
                    json.WriteEndArray();
                    json.WriteEndObject();
                },
            };
        });
        return command;
    }

    private static Command Sync(TimeProvider time)
    {
        var command = new Command("sync", "Exchanges remarks with the remote, both ways");
        VcsVerb.Does(command, time, async (site, _, cancellationToken) =>
        {
            await site.SyncFirstAsync(cancellationToken);
            var end = await site.PerformAsync(new SyncComments(site.Project.CloneId), ForegroundBudget.Comments(site.Configuration), cancellationToken);
            return end.Kind != OperationEndKind.Done ? OperationText.Unfinished(end) : new VerbEnd("synced")
            {
                Lines = [TextTable.Clean($"{site.Terminal.DoneMark} {end.Result!.Summary}", site.Terminal.Unicode)],
                Data = json => OperationText.Data(json, end, null),
            };
        });
        return command;
    }

    private static IEnumerable<string> Lines(ShownComment comment, ProjectSite site)
    {
        var unicode = site.Terminal.Unicode;
        yield return TextTable.Clean($"{Short(comment.Commit)}  {comment.Author}  {Ages.Ago(comment.CreatedAt, site.Time.GetUtcNow())}"
            + $"{(comment.EditedAt is null ? "" : " (edited)")}{(comment.ReplyTo is { } to ? $", answers {Short(to)}" : "")}  {Short(comment.Id)}", unicode);
        foreach (var line in (comment.IsDeleted ? "(removed)" : comment.Text).Split('\n')) { yield return "  " + TextTable.Clean(line, unicode); }
    }

    private static void Write(Utf8JsonWriter json, ShownComment comment)
    {
        json.WriteStartObject();
        json.WriteString("id", comment.Id);
        json.WriteString("commit", comment.Commit);
        json.WriteString("author", comment.Author);
        json.WriteString("email", comment.Email);
        json.WriteString("text", comment.Text);
        json.WriteString("created_at", comment.CreatedAt.UtcDateTime);
        json.WriteString("reply_to", comment.ReplyTo);
        if (comment.EditedAt is { } edited) { json.WriteString("edited_at", edited.UtcDateTime); }
        json.WriteBoolean("is_deleted", comment.IsDeleted);
        json.WriteEndObject();
    }

    private static string Short(string id) => id.Length > 10 ? id[..10] : id;
}
