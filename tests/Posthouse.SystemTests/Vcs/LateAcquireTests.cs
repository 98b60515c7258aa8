namespace Posthouse.SystemTests.Vcs;

/// <summary>A lock that was asked for in a train, and was taken by somebody else before the train arrived.</summary>
public sealed class LateAcquireTests : IDisposable
{
    private readonly Stage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_queued_acquire_that_finds_a_new_holder_fails_holds_the_push_behind_it_and_is_not_tried_again_by_itself()
    {
        var john = new Person(_stage, "john", "John", "laptop");
        var ben = new Person(_stage, "ben", "Ben", "studio");
        var server = $"{_stage.Root}/Größe & Co/song.git";
        await john.DoAsync($"git init -q --bare '{server}' && git clone -q '{server}' 'My song'");
        await john.DoAsync("cd \"My song\"");
        await john.DoAsync("echo one > 'track 1.txt' && git add -A && git commit -qm One && posthouse push");
        await ben.DoAsync($"git clone -q '{server}' Song");
        await ben.DoAsync("cd Song");

        (await john.RunAsync("posthouse lock acquire 'track 1.txt' --offline")).Exit.ShouldBe(10);
        (await john.RunAsync("echo two > 'track 1.txt' && git commit -qam Two && posthouse push --offline")).Exit.ShouldBe(10);
        await ben.DoAsync("posthouse lock acquire 'track 1.txt'");
        var (exit, output) = await john.RunAsync("posthouse queue sync");

        exit.ShouldBe(8, output);
        output.ShouldContain("ben@");
        output.ShouldNotContain("All operations synced");
        (await ben.DoAsync($"git -C '{server}' log -1 --format=%s main")).Trim().ShouldBe("One");

        await ben.DoAsync("posthouse lock release 'track 1.txt'");
        await john.RunAsync("posthouse queue sync");
        (await ben.DoAsync("posthouse lock status 'track 1.txt'")).ShouldContain("Unlocked");
        (await ben.DoAsync($"git -C '{server}' log -1 --format=%s main")).Trim().ShouldBe("One");
    }
}
