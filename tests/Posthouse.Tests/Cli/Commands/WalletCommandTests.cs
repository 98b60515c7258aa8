using System.Text.Json;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Commands;

public sealed class WalletCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string KeyFile => Path.Combine(_folder.Path, "keys", "mine.key");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_wallet_is_a_private_file_and_its_address_is_shown()
    {
        var made = await RunAsync("new", "--json");
        var shown = await RunAsync("show");

        made.Exit.ShouldBe(0);
        var address = JsonDocument.Parse(made.Output).RootElement.GetProperty("address").GetString();
        address.ShouldBe(Wallet.Load(KeyFile, Secp256k1.Best).Address.ToString());
        shown.Output.ShouldStartWith($"Wallet: {address}");
        if (!OperatingSystem.IsWindows()) { File.GetUnixFileMode(KeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite); }
        (made.Output + shown.Output).ShouldNotContain(File.ReadAllText(KeyFile).Trim());
    }

    [Fact]
    public async Task A_key_is_never_overwritten()
    {
        await RunAsync("new");
        var key = File.ReadAllText(KeyFile);
        var (exit, _, error) = await RunAsync("new");

        exit.ShouldBe(2);
        error.ShouldContain("A key is never overwritten");
        File.ReadAllText(KeyFile).ShouldBe(key);
    }

    [Fact]
    public async Task A_missing_wallet_is_said_with_the_verb_that_makes_one()
    {
        var (exit, _, error) = await RunAsync("show");

        exit.ShouldBe(2);
        error.ShouldContain("posthouse wallet new");
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] words)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var exit = await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), ["wallet", .. words, "--file", KeyFile], output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
