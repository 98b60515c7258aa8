using System.Text.Json;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>The key of a node whose server does not run.</summary>
public sealed class MeshKeyCommandTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly NodeKeys _keys;
    private readonly PublicKey _old;

    public MeshKeyCommandTests()
    {
        var mesh = Path.Combine(_folder.Path, ServeMesh.Folder);
        _keys = new NodeKeys(Directory.CreateDirectory(mesh).FullName);
        using var own = _keys.Own();
        _old = own.Public;
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_key_is_shown_as_operators_and_lists_want_it()
    {
        var (exit, output, _) = await RunAsync("mesh key show");
        exit.ShouldBe(0);
        output.ShouldContain($"Node:         {_old.Id}");
        output.ShouldContain($"Key:          {_old}");
        var shown = JsonDocument.Parse((await RunAsync("mesh key show --json")).Output).RootElement.GetProperty("data");
        var fingerprint = shown.GetProperty("fingerprint").GetString()!;
        (fingerprint.Length, fingerprint[..8]).ShouldBe((64, _old.Id.ToString()[..8]));
    }

    [Theory]
    [InlineData("open", "others believe everybody", false)]
    [InlineData("allowlist", "Told:     0 peer(s)", true)]
    public async Task A_node_that_does_not_run_has_another_key_at_its_next_start(string trust, string said, bool leavesWord)
    {
        var (exit, output, error) = await RunAsync($"mesh key rotate --yes --set Mesh:Trust={trust} --set Mesh:Providers:0={_old.Id}");
        (exit, error).ShouldBe((0, ""));
        using var own = _keys.Own();
        own.Public.ShouldNotBe(_old);
        output.ShouldContain($"Node {_old.Id} is {own.Public.Id} from its next start on");
        output.ShouldContain(said);
        using var aside = EcdsaKey.Open(Path.Combine(_folder.Path, ServeMesh.Folder, $"{NodeParts.KeyFile}.{_old.Id.Short}"));
        aside.Public.ShouldBe(_old);
        _keys.Succession().Count.ShouldBe(leavesWord ? 1 : 0);
    }

    [Fact]
    public async Task Without_an_operators_word_for_it_the_next_key_takes_no_place()
    {
        using var operatorKey = EcdsaKey.Create();
        var line = $"mesh key rotate --yes --set Mesh:Operators:0={operatorKey.Public} --set Mesh:CertificateFile={_folder.File("certificate")}";
        var (exit, _, error) = await RunAsync(line);
        using var next = _keys.Next();
        exit.ShouldBe(2);
        error.ShouldContain($"posthouse mesh certify --operator-key FILE {next.Public}");
        using (var own = _keys.Own()) { own.Public.ShouldBe(_old); }

        var now = DateTimeOffset.UtcNow;
        await File.WriteAllTextAsync(_folder.File("certificate"),
            CertificateText.Of(next.Public, Certificate.Issue(operatorKey, NetworkId.Of("posthouse"), next.Public, now.AddHours(-1), now.AddHours(1))));
        (await RunAsync(line)).Exit.ShouldBe(0);
        using (var own = _keys.Own()) { own.Public.ShouldBe(next.Public); }
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_nothing_is_changed()
    {
        var (exit, _, error) = await RunAsync("mesh key rotate --json --set Mesh:Trust=open");
        exit.ShouldBe(2);
        using var own = _keys.Own();
        own.Public.ShouldBe(_old, error);
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(string line)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), [.. line.Split(' '), "--data", _folder.Path], output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
