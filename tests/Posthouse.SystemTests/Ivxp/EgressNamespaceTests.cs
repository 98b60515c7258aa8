using System.Text.Json;
using Posthouse.SystemTests.Processes;

namespace Posthouse.SystemTests.Ivxp;

/// <summary>The guard of pushes in a network of its own: the machine's own resolver, a lying name server, a public address and nothing outside.</summary>
public sealed class EgressNamespaceTests : IDisposable
{
    private const string Network = """
        ip link set lo up && ip addr add 203.0.114.1/32 dev lo && mount --bind "$1/resolv.conf" /etc/resolv.conf && mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf && shift && exec "$@"
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("posthouse-net-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait("Needs", "root")]
    public async Task SSRF_through_delivery_endpoint_and_contact_endpoint()
    {
        Assert.SkipUnless(Environment.UserName == "root", "a network namespace needs root");
        File.WriteAllText(Path.Combine(_folder, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
        File.WriteAllText(Path.Combine(_folder, "nsswitch.conf"), "hosts: files dns\n");

        using var probe = Prober.StartUnder(["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", Network, "sh", _folder], "egress", "-");
        var seen = JsonDocument.Parse(await probe.LineAsync()).RootElement;

        seen.GetProperty("spellings").GetInt32().ShouldBeGreaterThanOrEqualTo(600);
        seen.GetProperty("dialled").GetInt32().ShouldBeGreaterThan(60);
        seen.GetProperty("answered").EnumerateArray().ShouldBeEmpty();
        seen.GetProperty("afterSpellings").GetInt32().ShouldBe(0);
        seen.GetProperty("open").GetString().ShouldBe("200");
        seen.GetProperty("redirect").GetString().ShouldBe("307");
        seen.GetProperty("rebound").EnumerateArray().Select(outcome => outcome.GetString()).ShouldBe(["200", "refused", "200", "refused", "200", "refused"]);
        (seen.GetProperty("mixed").GetString(), seen.GetProperty("six").GetString()).ShouldBe(("refused", "refused"));
        seen.GetProperty("guarded").GetInt32().ShouldBe(0);
        seen.GetProperty("outside").GetInt32().ShouldBe(5);
        // Without the guard the same names lead inside.
        seen.GetProperty("naive").GetInt32().ShouldBeGreaterThanOrEqualTo(3);
        (await probe.Ends()).ShouldBe(0);
    }
}
