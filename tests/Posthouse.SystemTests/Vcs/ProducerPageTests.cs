namespace Posthouse.SystemTests.Vcs;

/// <summary>The terminal session of docs/locks.md is played by two people and a server, so that the page cannot say what is not so.</summary>
public sealed class ProducerPageTests : IDisposable
{
    private const string Begin = "```console\n";
    private const string End = "```\n";

    private readonly Stage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task The_session_on_the_producers_page_is_what_happens()
    {
        var ana = new Person(_stage, "ana", "Ana Pérez", "studio");
        var ben = new Person(_stage, "ben", "Ben Ode", "laptop");
        var page = Path.Combine(Transcript.Source, "docs", "locks.md");
        var text = await File.ReadAllTextAsync(page);
        // The page's own line, on a machine whose Git calls first branches by its older name.
        text.ShouldContain("`git init --bare -b main /srv/song.git`");
        foreach (var who in (Person[])[ana, ben]) { await who.DoAsync("git config --global --unset init.defaultBranch"); }
        await ana.DoAsync($"git init --bare -b main '{_stage.Root}/srv/song.git'");
        await ana.DoAsync("mkdir -p 'Song/Song.logicx/Alternatives/000' 'Song/Audio Files' Song/Bounces && echo one > Song/Song.logicx/Alternatives/000/ProjectData && echo take > 'Song/Audio Files/take 1.wav' && echo mix > Song/Bounces/mix.wav");
        var session = new Transcript(_stage);

        await session.TypeAsync(ana, "cd Song");
        await session.TypeAsync(ana, $"posthouse init --logic Song.logicx --remote {_stage.Root}/srv/song.git --yes");
        await session.TypeAsync(ana, "git add -A && git commit -q -m 'First version' && git status --short --ignored");
        await session.TypeAsync(ana, "posthouse push");
        await session.TypeAsync(ana, "posthouse lock acquire Song.logicx -m 'new bridge'");
        await session.TypeAsync(ben, $"git clone -q {_stage.Root}/srv/song.git Song && cd Song && ls");
        await ben.DoAsync("cd Song");
        await session.TypeAsync(ben, "posthouse lock status Song.logicx");
        await session.TypeAsync(ben, "posthouse lock acquire Song.logicx", exit: 4);
        await ana.DoAsync("echo two > Song.logicx/Alternatives/000/ProjectData");
        await session.TypeAsync(ana, "git commit -q -a -m 'New bridge' && posthouse push && posthouse lock release Song.logicx");
        await session.TypeAsync(ben, "posthouse pull && posthouse lock acquire Song.logicx");

        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, 0);
        to = text.IndexOf(End, from, StringComparison.Ordinal);
        if (Transcript.IsApproving) { await File.WriteAllTextAsync(page, text[..from] + session.Text + text[to..]); }
        else { session.Text.ShouldBe(text[from..to]); }
    }
}
