using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Gossip;

public sealed class AddressBookTests
{
    private static readonly DateTimeOffset Now = OneNode.Noon;
    private readonly AddressBook _book = new();

    [Fact]
    public void One_teller_fills_no_more_than_four_places_with_one_network()
    {
        for (var host = 1; host <= 10; host++)
            Tell($"ws://192.0.2.{host}:80/", teller: 1);
        _book.Entries.Count.ShouldBe(AddressBook.MaxOfGroup);
        Tell("ws://198.51.100.1:80/", teller: 1).ShouldNotBeNull("another network");
        Tell("ws://192.0.2.77:80/", teller: 2).ShouldNotBeNull("another teller");
    }

    [Theory]
    [InlineData("ws://127.0.0.1:80/")]
    [InlineData("ws://10.1.2.3:80/")]
    [InlineData("ws://172.31.2.3:80/")]
    [InlineData("ws://192.168.2.3:80/")]
    [InlineData("ws://100.64.2.3:80/")]
    [InlineData("ws://169.254.2.3:80/")]
    [InlineData("ws://[::1]:80/")]
    [InlineData("ws://[fd00::1]:80/")]
    [InlineData("ws://[fe80::1]:80/")]
    [InlineData("ws://[::ffff:10.1.2.3]:80/")]
    public void A_whole_mesh_may_stand_in_one_private_network(string address) => AddressBook.GroupOf(address).ShouldBe(0UL);

    [Fact]
    public void Addresses_of_one_public_network_are_one_group()
    {
        AddressBook.GroupOf("ws://172.32.2.3:80/").ShouldNotBe(0UL);
        AddressBook.GroupOf("ws://172.32.2.4:81/").ShouldBe(AddressBook.GroupOf("ws://172.32.2.3:80/"));
        AddressBook.GroupOf("ws://[::ffff:172.32.2.5]:80/").ShouldBe(AddressBook.GroupOf("ws://172.32.2.3:80/"), "a socket for both families writes it so");
        AddressBook.GroupOf("ws://172.32.3.3:80/").ShouldNotBe(AddressBook.GroupOf("ws://172.32.2.3:80/"));
    }

    [Fact]
    public void A_forgotten_address_makes_room_for_another_of_its_network()
    {
        for (var host = 1; host <= AddressBook.MaxOfGroup; host++)
            Tell($"ws://192.0.2.{host}:80/", teller: 1);
        Tell("ws://192.0.2.5:80/", teller: 1).ShouldBeNull();
        _book.Sweep(Now + AddressBook.Kept + TimeSpan.FromSeconds(1));
        _book.Entries.ShouldBeEmpty();
        Tell("ws://192.0.2.5:80/", teller: 1).ShouldNotBeNull();
    }

    [Fact]
    public void A_full_book_gives_up_whom_nobody_reached_and_who_failed_most()
    {
        for (var node = 0; node < AddressBook.MaxNew + AddressBook.MaxTried; node++)
            Tell($"node-{node}", teller: 1)!.IsTried = node != 700 && node != 900;
        _book.Find("node-700")!.Failures = 3;
        Tell("another", teller: 2).ShouldNotBeNull();
        _book.Find("node-700").ShouldBeNull();
        _book.Find("node-900").ShouldNotBeNull();
        _book.Entries.Count.ShouldBe(AddressBook.MaxNew + AddressBook.MaxTried);
    }

    [Fact]
    public void Drawing_shuffles_the_list_and_loses_nothing()
    {
        for (var node = 0; node < 5; node++)
            Tell($"node-{node}", teller: 1);
        _book.Draw(0, 3).Address.ShouldBe("node-3");
        _book.Draw(1, 4).Address.ShouldBe("node-4");
        _book.NoteOwn("node-0");
        _book.Entries.Select(entry => entry.Address).ShouldBe(["node-3", "node-4", "node-2", "node-1"], ignoreOrder: true);
        _book.Entries.Select(entry => entry.Place).ShouldBe([0, 1, 2, 3]);
        Tell("node-0", teller: 1).ShouldBeNull("it is this node's own");
    }

    private AddressEntry? Tell(string address, int teller) => _book.Add(address, isSeed: false, OneNode.Id(teller), Now);
}
