using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Hosting;

/// <content>A node's key is changed while it runs, and the disk or another change is in the way.</content>
public sealed partial class MeshNodeTests
{
    [Fact]
    public async Task Of_two_who_change_the_key_at_once_one_does_and_the_old_key_is_kept()
    {
        var node = await StartAsync("one", provides: true);
        Task<ChangedKey>[] changes = [node.ChangeKeyAsync(), node.ChangeKeyAsync()];
        (await Should.ThrowAsync<PosthouseException>(Task.WhenAll(changes))).Message.ShouldContain("has not been restarted");
        var changed = await changes.Single(change => change.IsCompletedSuccessfully);
        using var aside = EcdsaKey.Open(changed.Aside);
        aside.Public.Id.ShouldBe(node.Id);
        using var own = new NodeKeys(_folder.File("one")).Own();
        own.Public.Id.ShouldBe(changed.New);
    }

    [Theory]
    [InlineData(NodeKeys.NextFile)]
    [InlineData(NodeKeys.SuccessionFile)]
    [InlineData(NodeParts.KeyFile)]
    public async Task A_key_that_could_not_be_written_leaves_all_as_it_was(string file)
    {
        var node = await StartAsync("one", provides: true);
        // A folder in the place of a file cannot be replaced, whoever tries.
        var inTheWay = Path.Combine(_folder.File("one"), file == NodeParts.KeyFile ? $"{file}.{node.Id.Short}" : file);
        if (file == NodeParts.KeyFile) { await File.WriteAllTextAsync(inTheWay, "another key"); }
        else { Directory.CreateDirectory(inTheWay); }
        (await Should.ThrowAsync<PosthouseException>(node.ChangeKeyAsync)).Code.ShouldBe(ErrorCodes.StoreUnavailable);
        (node.IsProvider, node.Completion.IsCompleted).ShouldBe((true, false));
        using (var own = new NodeKeys(_folder.File("one")).Own()) { own.Public.Id.ShouldBe(node.Id); }

        if (file == NodeParts.KeyFile) { File.Delete(inTheWay); }
        else { Directory.Delete(inTheWay); }
        (await node.ChangeKeyAsync()).Old.ShouldBe(node.Id);
        node.IsProvider.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_followed_a_provider_to_another_key_does_so_after_its_own_restart_alone()
    {
        var first = FirstKey();
        var provider = await StartAsync("one", provides: true, Listing(first));
        var reader = await StartAsync("two", provides: false, Listing(first));
        await PriceAsync(reader);
        var next = (await ChangeAsync(provider, Listing(first))).Id;
        while ((await PriceAsync(reader)).SourceNodeId != next) { await NewsAsync(reader); }

        foreach (var node in _nodes.ToArray()) { await StopAsync(node); }
        (await StartAsync("two", provides: false, Listing(first))).GetPriceData("BTC").ShouldNotBeNull().SourceNodeId.ShouldBe(next);
    }

    [Fact]
    public async Task Where_everybody_is_believed_a_change_of_key_is_followed_and_not_kept_for_anybody_could_fill_the_disk()
    {
        var provider = await StartAsync("one", provides: true);
        var reader = await StartAsync("two", provides: false);
        await PriceAsync(reader);
        var next = (await ChangeAsync(provider, static options => options)).Id;
        while ((await PriceAsync(reader)).SourceNodeId != next) { await NewsAsync(reader); }

        await StopAsync(reader);
        await using var file = new PriceFile(Path.Combine(_folder.File("two"), PriceFile.FileName), TimeProvider.System, NullLogger.Instance);
        await using var memory = new NodeMemory(file, TimeProvider.System, NullLogger.Instance);
        (await memory.LoadFactsAsync()).Keys.ShouldNotContain("key_changes");
    }

    [Fact]
    public async Task Who_lists_the_first_of_three_keys_follows_to_the_last()
    {
        var first = FirstKey();
        var provider = await ChangeAsync(await ChangeAsync(await StartAsync("one", provides: true, Listing(first)), Listing(first)), Listing(first));
        var reader = await StartAsync("two", provides: false, Listing(first));
        (await PriceAsync(reader)).SourceNodeId.ShouldBe(provider.Id);
    }

    [Fact]
    public async Task A_word_for_a_key_that_never_took_its_place_is_not_heeded()
    {
        var first = FirstKey();
        var node = await StartAsync("one", provides: true, Listing(first));
        await PriceAsync(node);
        var changed = await node.ChangeKeyAsync();
        await StopAsync(node);
        // As a loss of power leaves it between the word and the rename.
        File.Move(Path.Combine(_folder.File("one"), NodeParts.KeyFile), Path.Combine(_folder.File("one"), NodeKeys.NextFile));
        File.Move(changed.Aside, Path.Combine(_folder.File("one"), NodeParts.KeyFile));

        node = await StartAsync("one", provides: true, Listing(first));
        node.GetPriceData("BTC").ShouldNotBeNull().SourceNodeId.ShouldBe(first);
        File.Delete(Path.Combine(_folder.File("one"), NodeKeys.NextFile));
        var next = (await ChangeAsync(node, Listing(first))).Id;
        next.ShouldNotBe(changed.New);
        (await PriceAsync(await StartAsync("two", provides: false, Listing(first)))).SourceNodeId.ShouldBe(next);
    }

    private static Func<MeshOptions, MeshOptions> Listing(NodeId provider) => options => options with { Trust = TrustMode.AllowList, Providers = [provider] };

    private NodeId FirstKey()
    {
        using var key = new NodeKeys(Directory.CreateDirectory(_folder.File("one")).FullName).Own();
        return key.Public.Id;
    }

    private async Task<MeshNode> ChangeAsync(MeshNode node, Func<MeshOptions, MeshOptions> options)
    {
        await node.ChangeKeyAsync();
        await StopAsync(node);
        return await StartAsync("one", provides: true, options);
    }

    private async Task StopAsync(MeshNode node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }
}
