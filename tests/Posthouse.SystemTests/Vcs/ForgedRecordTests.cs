namespace Posthouse.SystemTests.Vcs;

/// <summary>Records that nobody's posthouse wrote: whoever may push can put them there, and they must not take the locks from all others.</summary>
public sealed class ForgedRecordTests : IDisposable
{
    private readonly Stage _stage = new();
    private readonly Person _john;
    private readonly string _server;

    public ForgedRecordTests()
    {
        _john = new Person(_stage, "john", "John", "laptop");
        _server = Path.Combine(_stage.Root, "song.git");
    }

    public void Dispose() => _stage.Dispose();

    [Theory]
    [InlineData("s/\"client\"/\"heartbeat\":{\"interval_s\":9223372036854775807},\"client\"/")]
    [InlineData("s/\"renewed_at\":\"[^\"]*\"/\"renewed_at\":\"0001-01-01T00:00:00.000Z\"/")]
    [InlineData("s/\"expires_at\":\"[^\"]*\"/\"expires_at\":\"9999-12-31T23:59:59.999Z\"/")]
    public async Task A_record_with_senseless_figures_is_shown_and_can_be_broken(string forgery)
    {
        await BeginAsync();
        await _john.DoAsync("posthouse lock acquire song.txt");
        await _john.DoAsync("cd " + _server);
        await _john.DoAsync("ref=$(git for-each-ref --format='%(refname)' refs/posthouse/locks) && git log -1 --format=%B $ref | sed '"
            + forgery + "' > forged && git update-ref $ref $(git commit-tree $(git mktree </dev/null) -F forged)");
        await _john.DoAsync($"cd {_stage.Root}/song");

        (await _john.DoAsync("posthouse lock list")).ShouldContain("song.txt");
        var id = (await _john.DoAsync("posthouse lock status song.txt --json | sed -n 's/.*\"lock_id\": \"\\([0-9a-f]*\\)\".*/\\1/p' | head -n 1")).Trim();
        await _john.DoAsync($"posthouse lock break song.txt --force --lock-id {id}");
    }

    [Fact]
    public async Task A_record_that_is_too_large_to_be_read_hides_no_other()
    {
        await BeginAsync();
        await _john.DoAsync("posthouse lock acquire song.txt");
        await _john.DoAsync("cd " + _server);
        await _john.DoAsync("head -c 70000000 /dev/zero | tr '\\0' x > forged && git update-ref refs/posthouse/locks/0000000000000000000000000000000000000001 $(git commit-tree $(git mktree </dev/null) -F forged)");
        await _john.DoAsync($"cd {_stage.Root}/song");

        (await _john.DoAsync("posthouse lock list")).ShouldContain("song.txt");
    }

    private async Task BeginAsync()
    {
        await _john.DoAsync($"git init -q --bare '{_server}' && git clone -q '{_server}' song");
        await _john.DoAsync($"mv song '{_stage.Root}/song'");
        await _john.DoAsync($"cd {_stage.Root}/song");
        await _john.DoAsync("echo one > song.txt && git add -A && git commit -qm One && git push -q");
    }
}
