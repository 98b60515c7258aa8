using System.Text.Json;
using Posthouse.Cli.Output;
using Posthouse.Vcs;

namespace Posthouse.Tests.Cli.Output;

public sealed class EnvelopeTests
{
    [Fact]
    public void A_done_verb_writes_all_members()
    {
        var text = new Envelope("lock acquire", "acquired", 0)
        {
            Data = json =>
            {
                json.WriteStartObject();
                json.WriteString("path", "mix ü.logicx");
                json.WriteEndObject();
            },
            Warnings = ["Your clock is ahead"],
        }.Text();

        text.ReplaceLineEndings("\n").ShouldBe("""
            {
              "schema": "posthouse/1",
              "command": "lock acquire",
              "ok": true,
              "status": "acquired",
              "exit_code": 0,
              "data": {
                "path": "mix ü.logicx"
              },
              "warnings": [
                "Your clock is ahead"
              ],
              "error": null
            }
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void What_is_queued_is_not_ok() => Read(new Envelope("push", "queued", ExitCodes.Queued)).GetProperty("ok").GetBoolean().ShouldBeFalse();

    [Fact]
    public void What_is_queued_is_ok_to_who_says_so() => Read(new Envelope("push", "queued", ExitCodes.Done)).GetProperty("ok").GetBoolean().ShouldBeTrue();

    [Fact]
    public void A_judged_failure_tells_its_category_hint_and_wait()
    {
        var failure = new VcsException(new RemoteFailure(FailureCategory.RateLimit, "Too many requests.") { Hint = "Wait.", RetryAfter = TimeSpan.FromMilliseconds(12_200) });

        var envelope = Read(Envelope.Of("push", failure));

        envelope.GetProperty("exit_code").GetInt32().ShouldBe(5);
        envelope.GetProperty("error").GetRawText().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal)
            .ShouldBe("""{"code":"RATE_LIMITED","category":"rate_limit","message":"Toomanyrequests.","hint":"Wait.","retry_after_s":13}""");
    }

    [Fact]
    public void The_later_lines_of_a_message_are_its_hint()
    {
        var error = EnvelopeError.Of(new PosthouseException(VcsErrors.NotAProject, "There is no project here.\nMake one.\nOr go to one."));

        (error.Category, error.Message, error.Hint).ShouldBe(("project", "There is no project here.", "Make one.\nOr go to one."));
    }

    [Fact]
    public void A_document_of_several_is_one_line() => new Envelope("lock status", "held", 0).Text(oneLine: true).ShouldNotContain('\n');

    [Theory]
    [InlineData(FailureCategory.LockConflict, "lock_conflict")]
    [InlineData(FailureCategory.NotFound, "not_found")]
    [InlineData(FailureCategory.Tls, "tls")]
    public void A_category_is_a_word(FailureCategory category, string word) => EnvelopeError.Word(category).ShouldBe(word);

    private static JsonElement Read(Envelope envelope)
    {
        using var document = JsonDocument.Parse(envelope.Text());
        return document.RootElement.Clone();
    }
}
