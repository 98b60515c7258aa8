using Posthouse.Mesh.Cache;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Cache;

/// <summary>Which of a store's rows are left out, and which of them the store is told to drop.</summary>
public sealed class StoredCheckTests
{
    private readonly SignedPrices _one = new(1);
    private readonly KeptPrice _strangers = KeptPrice.Of(new SignedPrices(77).Update(1, "BTC")).Single();

    [Fact]
    public void A_strangers_own_row_is_left_out_and_stays() => Dropped(Row(_strangers, _strangers.Provider)).ShouldBeEmpty();

    [Fact]
    public void A_row_that_gives_a_strangers_message_out_as_a_providers_is_dropped_for_it_would_keep_true_ones_out()
    {
        var row = Row(_strangers, _one.Id);
        Dropped(row).ShouldBe([row]);
    }

    private static StoredRow Row(KeptPrice price, NodeId provider) => new(price.Key, provider, price.Version, price.Frame.Envelope.Frame);

    private static List<StoredRow> Dropped(StoredRow row)
    {
        var refused = new List<StoredRow>();
        SignedPrices.Check().Read([row], refused).ShouldBeEmpty();
        return refused;
    }
}
