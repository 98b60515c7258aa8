using Posthouse.Ivxp.Services;

namespace Posthouse.Tests.Ivxp.Services;

public sealed class ExecHandlerTests
{
    private static readonly ServiceWork _work = new("ivxp-1", "shout", "say \"hi\" $(id)", null, null, 2);

    [Fact]
    public async Task The_order_arrives_on_standard_input_and_text_becomes_a_body()
    {
        var made = await Run("cat");
        made.Type.ShouldBe("shout");
        made.Format.ShouldBe("json");
        made.Content.ToString().ShouldBe("""{"order_id":"ivxp-1","service_type":"shout","description":"say \"hi\" $(id)","attempt":2}""");
        var text = await Run("echo", "hello");
        (text.Format, text.Content.ToString()).ShouldBe(("markdown", """{"body":"hello\n"}"""));
    }

    [Fact]
    public async Task A_failing_command_tells_what_it_said_shortened()
    {
        var failure = await Should.ThrowAsync<ServiceFailedException>(() => Run("sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 3"));
        failure.Message.ShouldStartWith("The command ended with code 3: xxx");
        failure.Message.Length.ShouldBeLessThan(600);
        failure.IsFinal.ShouldBeFalse();
    }

    [Fact]
    public async Task A_command_that_does_not_read_its_input_may_still_answer() =>
        (await Run("sh", "-c", "exec 0<&-; printf '{\"a\":1}'")).Content.ToString().ShouldBe("""{"a":1}""");

    [Fact]
    public async Task Too_much_output_is_a_failure_that_another_attempt_would_not_mend()
    {
        var failure = await Should.ThrowAsync<ServiceFailedException>(() => Run("head", "-c", "1000001", "/dev/zero"));
        failure.Message.ShouldContain("more than 1000000 bytes");
        failure.IsFinal.ShouldBeTrue();
    }

    [Fact]
    public async Task A_command_that_writes_nothing_has_failed_and_is_tried_again()
    {
        var failure = await Should.ThrowAsync<ServiceFailedException>(() => Run("true"));
        failure.Message.ShouldContain("wrote nothing");
        failure.IsFinal.ShouldBeFalse();
    }

    [Fact]
    public async Task A_command_past_its_limit_is_killed_with_its_children()
    {
        var time = new ManualTimeProvider();
        var running = new ExecHandler(["sh", "-c", "sleep 1000 & wait"], TimeSpan.FromMinutes(1), time).WorkAsync(_work, CancellationToken.None);
        time.Advance(TimeSpan.FromMinutes(1));
        (await Should.ThrowAsync<ServiceFailedException>(() => running)).Message.ShouldBe("The command was killed after 60 s.");
    }

    [Fact]
    public async Task A_missing_command_is_a_failure_and_an_empty_one_is_refused()
    {
        (await Should.ThrowAsync<ServiceFailedException>(() => Run("/nowhere/at/all"))).Message.ShouldStartWith("The command /nowhere/at/all cannot be started");
        Should.Throw<PosthouseException>(() => new ExecHandler([], TimeSpan.FromMinutes(1), TimeProvider.System)).Code.ShouldBe(ErrorCodes.OptionsInvalid);
    }

    private static Task<Posthouse.Ivxp.Protocol.Messages.Deliverable> Run(params string[] command) =>
        new ExecHandler(command, TimeSpan.FromMinutes(1), TimeProvider.System).WorkAsync(_work, CancellationToken.None);
}
