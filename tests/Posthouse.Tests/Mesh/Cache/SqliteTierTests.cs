using Microsoft.Extensions.Logging.Abstractions;
using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Mesh.Cache;

public sealed class SqliteTierTests : PriceTierContract
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly SignedPrices _provider = new(1);

    private string Path => _folder.File(PriceFile.FileName);

    [Fact]
    public async Task What_a_killed_process_had_written_is_there_for_the_next()
    {
        var first = Open(SignedPrices.Check());
        await first.WriteAsync(_provider.Prices(1, "BTC"), default);
        // Copied as it lies there, which is what a process that never closed it leaves.
        using var other = TempFolder.InMemory();
        foreach (var file in (string[])["", "-wal"])
            File.Copy(Path + file, other.File(PriceFile.FileName) + file);
        await using var second = OpenAt(other.File(PriceFile.FileName), SignedPrices.Check());
        (await second.LoadAsync(default)).Count.ShouldBe(1);
        await first.DisposeAsync();
    }

    [Theory]
    [InlineData("no database at all")]
    [InlineData(null)]
    public async Task A_file_that_is_damaged_at_the_start_is_put_aside_and_the_node_starts_empty(string? content)
    {
        await WriteAndDamage(content);
        await using var tier = Open(SignedPrices.Check());
        (await tier.LoadAsync(default)).ShouldBeEmpty();
        Directory.GetFiles(_folder.Path, "prices.db.damaged-*").ShouldNotBeEmpty();
        (await tier.WriteAsync([], default)).ShouldBeTrue("it lost everything");
        (await tier.WriteAsync(_provider.Prices(2, "BTC"), default)).ShouldBeFalse();
        (await tier.LoadAsync(default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_last_price_is_kept_however_old_it_is_and_whatever_the_clock_says()
    {
        await using (var tier = Open(SignedPrices.Check()))
            await tier.WriteAsync(_provider.Prices(1, "BTC"), default);
        foreach (var now in (DateTimeOffset[])[SignedPrices.Noon.AddYears(1), DateTimeOffset.UnixEpoch])
        {
            var check = new StoredCheck(
                SignedPrices.Network, new TagSignatures(), new ProviderTrust(TrustMode.Open), StoredCheck.OwnStore(CheckRules.Default), new ManualTimeProvider(now));
            await using var tier = Open(check);
            (await tier.LoadAsync(default)).Count.ShouldBe(1);
        }
    }

    [Fact]
    public async Task What_a_rule_of_expiry_drops_is_dropped_with_its_message()
    {
        var tier = (SqliteTier)Open(SignedPrices.Check());
        await tier.WriteAsync(_provider.Prices(1, "BTC"), default);
        await tier.DropAsync(SignedPrices.Btc, SignedPrices.Noon.AddMinutes(1));
        (await tier.LoadAsync(default)).Count.ShouldBe(1);
        await tier.DropAsync(SignedPrices.Btc, SignedPrices.Noon.AddMinutes(2));
        (await tier.LoadAsync(default)).ShouldBeEmpty();
        (await CountMessagesAsync()).ShouldBe(0);
        await tier.DisposeAsync();
    }

    [Fact]
    public async Task A_closed_file_answers_with_an_error_and_a_missing_folder_is_made()
    {
        var tier = OpenAt(_folder.File("deep/down/prices.db"), SignedPrices.Check());
        await tier.WriteAsync(_provider.Prices(1, "BTC"), default);
        await tier.DisposeAsync();
        (await Should.ThrowAsync<PosthouseException>(() => tier.LoadAsync(default))).Code.ShouldBe(ErrorCodes.StoreUnavailable);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    internal override IPriceTier Open(StoredCheck check) => OpenAt(Path, check);

    internal override Task TamperAsync(SignedFrame frame, Action<byte[]> change)
    {
        using var database = SqliteDatabase.Open(Path, readOnly: false);
        var bytes = frame.Envelope.Frame.ToArray();
        change(bytes);
        database.Execute("UPDATE price_update SET signed = $1", bytes);
        return Task.CompletedTask;
    }

    internal override Task<int> CountMessagesAsync()
    {
        using var database = SqliteDatabase.Open(Path, readOnly: true);
        return Task.FromResult((int)database.Scalar("SELECT count(*) FROM price_update"));
    }

    private static SqliteTier OpenAt(string path, StoredCheck check) =>
        new(new PriceFile(path, new ManualTimeProvider(SignedPrices.Noon), NullLogger.Instance), check);

    private async Task WriteAndDamage(string? content)
    {
        await using (var tier = Open(SignedPrices.Check()))
            await tier.WriteAsync(_provider.Prices(1, [.. Enumerable.Range(0, 400).Select(number => $"A{number}")]), default);
        if (content is not null)
        {
            await File.WriteAllTextAsync(Path, string.Concat(Enumerable.Repeat(content, 1_000)));
            File.Delete(Path + "-wal");
            return;
        }

        // The log is folded in at the close; then a page in the middle of the tables is spoilt.
        using (var database = SqliteDatabase.Open(Path, readOnly: false))
            database.Checkpoint(truncate: true);
        using var file = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.Write(file, Enumerable.Repeat((byte)0xA5, 8_192).ToArray(), 8_192);
    }
}
