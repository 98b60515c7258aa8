using System.Text.RegularExpressions;
using Posthouse.Jobs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Vcs.Comments;

/// <summary>How an exchange of comments ended.</summary>
internal abstract record CommentSync
{
    private CommentSync()
    {
    }

    /// <summary>Both sides have the same.</summary>
    /// <param name="Pushed">Comments that were new to the remote.</param>
    /// <param name="Pulled">Comments that were new here.</param>
    internal sealed record Done(int Pushed, int Pulled) : CommentSync;

    /// <summary>It did not come to an end; nothing is lost, and it may be repeated.</summary>
    /// <param name="Failure">Why.</param>
    internal sealed record Failed(RemoteFailure Failure) : CommentSync;
}

/// <summary>
/// Comments on a project's revisions. They are written here first, so that nobody waits for a network, and are exchanged with the
/// remote through one ref of their own.
/// </summary>
internal sealed partial class CommentBook(IGit git, Project project, TimeProvider time, IIds ids)
{
    private readonly CommentFolder _folder = new(project);

    /// <summary>Writes a comment.</summary>
    /// <param name="revision">Anything that Git takes for a commit; it is resolved now, for "HEAD" means another one tomorrow.</param>
    /// <param name="text">What it says, up to <see cref="Comment.MaxText"/> characters.</param>
    /// <param name="replyTo">The comment it answers: its id, or the only one that begins so.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: no such revision or comment, no or too much text, or too many comments.</exception>
    /// <exception cref="VcsException">LOCAL_FAILURE: Git does not know who writes.</exception>
    public async Task<ShownComment> AddAsync(string revision, string text, string? replyTo = null, CancellationToken cancellationToken = default)
    {
        var words = Checked(text);
        var commit = await ResolveAsync(revision, cancellationToken);
        var answered = replyTo is null ? null : Find(replyTo);
        var (author, email) = await AuthorAsync(cancellationToken);
        var comment = Made(commit, author, email, words) with { ReplyTo = answered?.Id };
        if (_folder.Paths().Count >= CommentFolder.Most)
            throw Refused($"This project has {CommentFolder.Most} comments, and no more are kept.");
        _folder.Keep(comment);
        return ShownComment.From([comment])[0];
    }

    /// <summary>Puts a comment in other words.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: no such comment, another's, or no or too much text.</exception>
    public async Task EditAsync(string id, string text, CancellationToken cancellationToken = default) => await ChangeAsync(id, Checked(text), isDeleted: false, cancellationToken);

    /// <summary>Removes a comment from view. Its words stay in the remote's history.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: no such comment, or another's.</exception>
    public async Task DeleteAsync(string id, CancellationToken cancellationToken = default) => await ChangeAsync(id, "", isDeleted: true, cancellationToken);

    /// <summary>The comments on a revision, or all, oldest first: those written here and those that came with the last exchange.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: no such revision.</exception>
    public async Task<IReadOnlyList<ShownComment>> ListAsync(string? revision = null, CancellationToken cancellationToken = default) =>
        ShownComment.From(_folder.Read(revision is null ? null : await ResolveAsync(revision, cancellationToken)));

    /// <summary>Exchanges comments both ways. Repeating it does no harm.</summary>
    public async Task<CommentSync> SyncAsync(CancellationToken cancellationToken)
    {
        using var turn = Turn.Take(project, "comments");
        if (turn is null)
            return new CommentSync.Failed(new RemoteFailure(FailureCategory.Contention, "Another exchange of this project's comments runs on this machine."));
        try
        {
            return await new CommentExchange(git, project, _folder).RunAsync(await AuthorAsync(cancellationToken), cancellationToken);
        }
        catch (VcsException e)
        {
            return new CommentSync.Failed(e.Failure);
        }
    }

    private async Task ChangeAsync(string id, string text, bool isDeleted, CancellationToken cancellationToken)
    {
        var first = Find(id);
        var (author, email) = await AuthorAsync(cancellationToken);
        if (!string.Equals(first.Email, email, StringComparison.OrdinalIgnoreCase))
            throw Refused($"{first.Id} is {first.Author}'s; only its author changes it. Answer it instead.");
        _folder.Keep(Made(first.Commit, author, email, text) with { EditedOf = first.Id, Deleted = isDeleted });
    }

    private Comment Made(string commit, string author, string email, string text) => new()
    {
        Id = CommentId.New(time, ids),
        Commit = commit,
        Author = author,
        Email = email,
        Text = text,
        CreatedAt = time.GetUtcNow(),
    };

    private Comment Find(string id)
    {
        var wanted = id.Trim().ToLowerInvariant();
        var found = wanted.Length == 0 ? [] : _folder.Read().Where(one => one.EditedOf is null && one.Id.StartsWith(wanted, StringComparison.Ordinal)).Take(2).ToList();
        return found switch
        {
            [var one] => one,
            [] => throw Refused($"There is no comment {id} here. 'posthouse comment sync' brings the others'."),
            _ => throw Refused($"Several comments begin with {id}; give more of it."),
        };
    }

    private static string Checked(string text)
    {
        var words = text.ReplaceLineEndings("\n").Trim();
        if (words.Length is 0 or > Comment.MaxText)
            throw Refused($"A comment has 1 to {Comment.MaxText} characters; this one has {words.Length}.");
        return words;
    }

    private async Task<string> ResolveAsync(string revision, CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(new GitCall(project.Root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"), cancellationToken);
        return result.ExitCode == 0 ? result.Text.Trim() : throw Refused($"There is no revision '{revision}' here. 'git log' shows those that are; 'posthouse pull' brings the remote's.");
    }

    private async Task<(string Author, string Email)> AuthorAsync(CancellationToken cancellationToken)
    {
        var result = await git.RunAsync(new GitCall(project.Root, "var", "GIT_AUTHOR_IDENT"), cancellationToken);
        if (result.ExitCode == 0 && Ident().Match(result.Text) is { Success: true } match)
            return (match.Groups["name"].Value, match.Groups["email"].Value);
        throw new VcsException(new RemoteFailure(FailureCategory.Local, "Git does not know who you are.")
        {
            Hint = "Tell it with 'git config user.name \"Your Name\"' and 'git config user.email you@example.org'.",
        });
    }

    private static PosthouseException Refused(string message) => new(ErrorCodes.OptionsInvalid, message);

    [GeneratedRegex("^(?<name>.*) <(?<email>[^>]*)> [0-9]+ ")]
    private static partial Regex Ident();
}
