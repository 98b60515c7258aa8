using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli.Hosting;
using Posthouse.Files;
using Posthouse.Ivxp.Orders;
using Posthouse.Storage;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>The folder of files that a store's servers share: its own, there, and remembered.</summary>
public sealed class SharedFolderTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    private string Shared => Directory.CreateDirectory(_folder.File("shared")).FullName;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_belongs_to_the_store_that_took_it_first()
    {
        await OpenAsync("one.db", Shared);
        await OpenAsync("one.db", Shared);
        (await RefusedAsync("two.db", Shared)).ShouldBe((ErrorCodes.StoreUnavailable, true), "holds the files of another store");
    }

    [Fact]
    public async Task A_folder_that_is_not_mounted_is_refused_and_nothing_is_made_there()
    {
        (await RefusedAsync("one.db", _folder.File("none"))).Code.ShouldBe(ErrorCodes.StoreUnavailable);
        Directory.Exists(_folder.File("none")).ShouldBeFalse();
        await OpenAsync("one.db", Shared);
        Directory.Delete(Shared, recursive: true);

        (await RefusedAsync("one.db", Shared)).Code.ShouldBe(ErrorCodes.StoreUnavailable);
        Directory.GetFileSystemEntries(Shared).ShouldBeEmpty();
    }

    [Fact]
    public async Task Files_that_lie_elsewhere_than_configured_are_not_hidden()
    {
        await using (var store = await OpenAsync("one.db", null))
        {
            await store.GetRequiredService<IJobStore>().StageAsync(new StoredFile(new string('a', 64), 1));
        }

        (await RefusedAsync("one.db", Shared)).Code.ShouldBe(ErrorCodes.OptionsInvalid);
        await (await OpenAsync("two.db", null)).DisposeAsync();
        await (await OpenAsync("two.db", Shared)).DisposeAsync();
        (await RefusedAsync("two.db", null)).Code.ShouldBe(ErrorCodes.OptionsInvalid);
    }

    [Fact]
    public async Task Files_of_jobs_are_put_there()
    {
        await using var services = await OpenAsync("one.db", Shared);
        var path = _folder.File("photo.jpg");
        await File.WriteAllTextAsync(path, "photo");
        var stored = await services.GetRequiredService<IFileCustody>().StageAsync(JobFile.FromPath(path), _ => Task.CompletedTask);

        Directory.GetFiles(Path.Combine(Shared, "vault"), stored.Hash[2..], SearchOption.AllDirectories).ShouldHaveSingleItem();
    }

    private async Task<(string Code, bool IsFolderNamed)> RefusedAsync(string store, string? shared)
    {
        var failure = await Should.ThrowAsync<PosthouseException>(() => OpenAsync(store, shared));
        return (failure.Code, failure.Message.Contains("Files:Directory", StringComparison.Ordinal));
    }

    private async Task<ServiceProvider> OpenAsync(string store, string? shared)
    {
        var configuration = Configuration.From(ConfigurationLayer.FromOptions(shared is null ? [] : ["Files:Directory=" + shared]));
        var services = new ServiceCollection();
        SharedFolder.Use(services.AddPosthouse().UseSqlite(_folder.File(store)).AddSchema(StationFacts.Schema).AddSchema(OrderRows.Schema), configuration);
        var provider = services.BuildServiceProvider();
        try
        {
            await SharedFolder.OpenAsync(provider, configuration);
            return provider;
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }
    }
}
