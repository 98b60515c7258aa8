using System.Security.Cryptography;
using System.Text;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

public sealed class BellTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();
    private readonly string _database;

    public BellTests() => _database = _folder.File("t.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_ring_wakes_the_other_process()
    {
        using var other = new Prober("listen", _database);
        using var bell = Bell.Silent(_database);
        bell.Ring();
        other.ReadLine().ShouldBe("rung");
        other.Stop();
    }

    [Fact]
    public void A_ring_reaches_every_listener_of_the_same_database_but_the_ringer()
    {
        using var heard = new SemaphoreSlim(0);
        var (own, foreign) = (0, 0);
        using var second = Bell.Listen(_database, () => heard.Release());
        using var stranger = Bell.Listen(_folder.File("other.db"), () => foreign++);
        using (var ringer = Bell.Listen(_database, () => own++))
        {
            second.Hears.ShouldBeTrue();
            ringer.Ring();
            heard.Wait(Patience).ShouldBeTrue();
        }

        own.ShouldBe(0);
        foreign.ShouldBe(0);
    }

    [Fact]
    public void A_listener_that_was_killed_is_forgotten()
    {
        var other = new Prober("listen", _database);
        var socket = Sockets(other.Pid).ShouldHaveSingleItem();
        other.Dispose();
        File.Exists(socket).ShouldBeTrue();
        using var bell = Bell.Silent(_database);
        bell.Ring();
        File.Exists(socket).ShouldBeFalse();
    }

    [Fact]
    public void A_closed_bell_leaves_no_socket_and_rings_nobody()
    {
        var bell = Bell.Listen(_database, () => { });
        var socket = Sockets(Environment.ProcessId).ShouldHaveSingleItem();
        bell.Dispose();
        bell.Ring();
        File.Exists(socket).ShouldBeFalse();
    }

    /// <summary>Those of this test's database: other tests of the process have bells, too, and a dead process may have had the same id.</summary>
    private string[] Sockets(int pid)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Durable.Canonical(_database))))[..16];
        return Directory.GetFiles(Path.Combine(Durable.RuntimeDirectory(), "posthouse"), $"{hash}.{pid}-*");
    }
}
