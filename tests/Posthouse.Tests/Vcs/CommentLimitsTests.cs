using System.Text;
using Posthouse.Jobs;
using Posthouse.Tests.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Comments;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;
using Shouldly;
using Xunit;

namespace Posthouse.Tests.Vcs;

public sealed class CommentLimitsTests
{
    private const string Id = "0190a5d2-7b3c-7def-8123-456789abcdef";

    private static readonly string _commit = new('c', 40);

    [Theory]
    [InlineData("", true)]
    [InlineData("\n", false)]
    [InlineData("x", false)]
    public void A_path_is_a_comments_to_its_very_end(string more, bool expected) => CommentId.IsPath($"{_commit}/{Id}.json{more}").ShouldBe(expected);

    [Fact]
    public async Task A_remote_with_more_comments_than_a_project_can_have_is_not_taken()
    {
        using var folder = new TempFolder();
        var project = new Project(folder.Path, folder.File(".git"), "clone", "origin", "https://example.org/a.git");
        var git = new Scripted(CommentFolder.Most + 1);

        var failed = (await new CommentBook(git, project, TimeProvider.System, SystemIds.Instance).SyncAsync(default)).ShouldBeOfType<CommentSync.Failed>();

        failed.Failure.Category.ShouldBe(FailureCategory.Local);
        failed.Failure.Message.ShouldContain("more than 20000");
        Directory.Exists(folder.File(".git/posthouse/comments")).ShouldBeFalse();
    }

    /// <summary>A remote with so many comments.</summary>
    private sealed class Scripted(int comments) : IGit
    {
        public Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken) => Task.FromResult(new GitResult(0, Encoding.UTF8.GetBytes(call.Arguments[0] switch
        {
            "var" => "Nora <nora@example.org> 1700000000 +0000",
            "ls-remote" => $"{_commit}\t{CommentExchange.Ref}\n",
            "ls-tree" => string.Concat(Enumerable.Range(0, comments).Select(i => $"100644 blob {_commit}      10\t{_commit}/{Id[..^6]}{i:x6}.json\0")),
            _ => "",
        }), ""));
    }
}
