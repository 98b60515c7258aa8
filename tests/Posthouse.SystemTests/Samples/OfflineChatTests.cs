using System.Net.Http.Json;

namespace Posthouse.SystemTests.Samples;

/// <summary>The first program an application developer reads, driven as a person would: two processes, a server that comes and goes, and a kill.</summary>
public sealed class OfflineChatTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("posthouse-chat-");
    private readonly Uri _server = new($"http://127.0.0.1:{RunningProgram.FreePort()}/");
    private readonly HttpClient _http;

    public OfflineChatTests() => _http = new HttpClient { BaseAddress = _server };

    [Fact]
    public async Task A_message_written_offline_survives_a_kill_and_arrives_once()
    {
        await using (var first = Client("anna"))
        {
            await first.TypeAsync("see you at six");
            await first.SaysAsync("anna: see you at six  [sending]");
            await first.KillAsync();
        }

        await using var again = Client("anna");
        await again.SaysAsync("anna: see you at six  [sending]");
        await using var server = Server();
        await again.SaysAsync("anna: see you at six  [sent]");

        var stored = await StoredAsync();
        stored.Select(message => (message.From, message.Text)).ShouldBe([("anna", "see you at six")]);
        stored[0].Id.ShouldStartWith("msg-");
    }

    [Fact]
    public async Task A_refused_message_fails_visibly_and_holds_up_no_other()
    {
        await using var server = Server();
        await using var client = Client("anna");
        await client.TypeAsync(new string('x', 281));
        await client.SaysAsync("x  [failed – try again?");
        await client.TypeAsync("a shorter one");
        await client.SaysAsync("anna: a shorter one  [sent]");

        await client.TypeAsync("/discard");
        await client.SaysAsync("x  [taken back]");
        (await StoredAsync()).Select(message => message.Text).ShouldBe(["a shorter one"]);
    }

    [Fact]
    public async Task The_other_window_shows_it_and_the_order_is_kept()
    {
        await using var ben = Client("ben");
        await using var anna = Client("anna");
        foreach (var text in (string[])["one", "two", "three"])
        {
            await anna.TypeAsync(text);
        }

        await anna.SaysAsync("anna: three  [sending]");
        await using var server = Server();
        await ben.SaysAsync("anna: three");
        (await StoredAsync()).Select(message => message.Text).ShouldBe(["one", "two", "three"]);

        anna.EndInput();
        (await anna.EndAsync()).ShouldBe(0);
    }

    public void Dispose()
    {
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private RunningProgram Client(string name) => RunningProgram.Start("OfflineChat", [name, _server.AbsoluteUri, Path.Combine(_folder.FullName, name)]);

    private RunningProgram Server() => RunningProgram.Start("OfflineChat.Server", ["--urls", _server.AbsoluteUri]);

    private async Task<Stored[]> StoredAsync() => (await _http.GetFromJsonAsync<Stored[]>("conversations/harbour/messages"))!;

    private sealed record Stored(string Id, string From, string Text);
}
