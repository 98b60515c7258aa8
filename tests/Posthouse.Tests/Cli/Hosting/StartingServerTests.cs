using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.Postgres;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>Servers of one database that start at once: neither's queue has entered yet, and they agree all the same.</summary>
public sealed class StartingServerTests : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly PostgresGround _ground = new();

    private string Shared => Directory.CreateDirectory(_folder.File("shared")).FullName;

    public async ValueTask DisposeAsync()
    {
        await _ground.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_later_of_two_with_different_wallets_is_refused()
    {
        var ((one, first), (other, second)) = (Start(), Start());
        await StationWallet.CheckAsync(one, "0xaa", first);
        await StationWallet.CheckAsync(other, "0xaa", second);
        await second.DisposeAsync();
        var refused = await Should.ThrowAsync<PosthouseException>(() => StationWallet.CheckAsync(other, "0xbb", second));
        (refused.Code, refused.Message.Contains("0xaa", StringComparison.Ordinal)).ShouldBe((ErrorCodes.OptionsInvalid, true));
        await StationWallet.CheckAsync(one, "0xaa", first);

        // What was refused or has gone is in nobody's way.
        await first.DisposeAsync();
        await StationWallet.CheckAsync(other, "0xbb", second);
    }

    [Fact]
    public async Task A_folder_is_not_taken_while_another_server_keeps_files_in_the_database_and_is_never_left()
    {
        var ((one, first), (other, second)) = (Start(), Start());
        await OpenAsync(one, null, first);
        await RefusedAsync(other, Shared, second);
        File.Exists(Path.Combine(Shared, "posthouse-store")).ShouldBeFalse();
        await OpenAsync(one, null, first);

        await first.DisposeAsync();
        await OpenAsync(other, Shared, second);
        await RefusedAsync(one, null, first);
        await second.DisposeAsync();
        await RefusedAsync(one, null, first);
    }

    [Fact]
    public async Task Servers_that_name_one_folder_take_it_together()
    {
        var ((one, first), (other, second)) = (Start(), Start());
        await Task.WhenAll(OpenAsync(one, Shared, first), OpenAsync(other, Shared, second));
        await OpenAsync(one, Shared, first);
    }

    private (IStore Store, StartingServer Starting) Start()
    {
        var store = _ground.Open(StationFacts.Schema, OrderRows.Schema);
        return (store, new StartingServer(store, SystemIds.Instance));
    }

    private static async Task RefusedAsync(IStore store, string? folder, StartingServer starting)
    {
        var failure = await Should.ThrowAsync<PosthouseException>(() => OpenAsync(store, folder, starting));
        (failure.Code, failure.Message.Contains("Files:Directory", StringComparison.Ordinal)).ShouldBe((ErrorCodes.OptionsInvalid, true), failure.Message);
    }

    private static async Task OpenAsync(IStore store, string? folder, StartingServer starting)
    {
        var configuration = Configuration.From(ConfigurationLayer.FromOptions(folder is null ? [] : ["Files:Directory=" + folder]));
        await using var services = new ServiceCollection().AddSingleton(store).AddSingleton<IIds>(SystemIds.Instance).BuildServiceProvider();
        await SharedFolder.OpenAsync(services, configuration, starting);
    }
}
