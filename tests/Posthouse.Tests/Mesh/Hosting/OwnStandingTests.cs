using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Mesh.Hosting;

/// <summary>What a provider can know of whether it is believed.</summary>
public sealed class OwnStandingTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly EcdsaKey _own = EcdsaKey.Create();
    private readonly EcdsaKey _operator = EcdsaKey.Create();

    public void Dispose()
    {
        _own.Dispose();
        _operator.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_certificate_for_another_mesh_is_refused_and_how_to_make_one_for_this_is_told()
    {
        var refused = Should.Throw<PosthouseException>(() => Of(Certified("posthouse") with { Network = "ops" }));
        refused.Code.ShouldBe(ErrorCodes.OptionsInvalid);
        refused.Message.ShouldContain("does not hold in the mesh 'ops'");
        refused.Message.ShouldContain("--set Mesh:Network=ops");
        Of(Certified("ops") with { Network = "ops" }).ShouldBeNull();
    }

    [Fact]
    public void Who_has_no_certificate_or_one_of_a_stranger_knows_that_nobody_believes_it()
    {
        Of(Certified("posthouse") with { CertificateFile = null }).ShouldNotBeNull().ShouldContain("Mesh:CertificateFile");
        using var other = EcdsaKey.Create();
        Of(Certified("posthouse") with { Operators = [other.Public.ToString()] }).ShouldNotBeNull().ShouldContain("Mesh:Operators");
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(2, "No node with the settings of this one believes its prices: its certificate ended on 2026-01-01 13:00Z.")]
    [InlineData(-2, "No node with the settings of this one believes its prices: its certificate begins on 2026-01-01 11:00Z.")]
    public void A_certificate_holds_for_its_time(int hours, string? doubt) => Of(Certified("posthouse"), _now.AddHours(hours)).ShouldBe(doubt);

    [Fact]
    public void Where_no_certificate_is_asked_for_none_ends() => Of(Certified("posthouse") with { Trust = TrustMode.Open }, _now.AddHours(2)).ShouldBeNull();

    [Fact]
    public void Who_is_not_on_its_own_list_or_banned_by_itself_knows_it()
    {
        var list = new MeshOptions { Folder = _folder.Path, Trust = TrustMode.AllowList, Providers = [_operator.Public.Id] };
        Of(list).ShouldNotBeNull().ShouldContain($"Mesh:Providers does not name this node, {_own.Public.Id}");
        Of(list with { Providers = [_own.Public.Id] }).ShouldBeNull();
        Of(list with { Trust = TrustMode.Open }).ShouldBeNull();
        Of(list with { Trust = TrustMode.Open, Banned = [_own.Public.Id] }).ShouldNotBeNull().ShouldContain("Mesh:Banned");
    }

    private string? Of(MeshOptions options, DateTimeOffset? now = null) => new OwnStanding(options, _own.Public).Doubt(now ?? _now);

    private MeshOptions Certified(string network)
    {
        var file = _folder.File("own.cert");
        File.WriteAllText(file, CertificateText.Of(_own.Public, Certificate.Issue(_operator, NetworkId.Of(network), _own.Public, _now.AddHours(-1), _now.AddHours(1))));
        return new() { Folder = _folder.Path, Trust = TrustMode.Operator, Operators = [_operator.Public.ToString()], CertificateFile = file };
    }
}
