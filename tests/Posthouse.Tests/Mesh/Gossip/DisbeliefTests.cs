using Posthouse.Mesh.Diagnostics;
using Posthouse.Mesh.Gossip;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Gossip;

public sealed class DisbeliefTests
{
    private readonly MeshFacts _facts = new();
    private readonly Disbelief _disbelief;

    public DisbeliefTests() => _disbelief = new(_facts);

    [Fact]
    public void Each_signer_and_reason_is_told_once_an_hour()
    {
        for (var minute = 0; minute < 60; minute++)
            _disbelief.Note(OneNode.Id(1), Refusal.Uncertified, TimeSpan.FromMinutes(minute));
        _disbelief.Note(OneNode.Id(1), Refusal.CertificateExpired, TimeSpan.FromMinutes(59));
        _facts.Told.ShouldBe([new ProviderRefused(OneNode.Id(1), Refusal.Uncertified), new ProviderRefused(OneNode.Id(1), Refusal.CertificateExpired)]);
        _disbelief.Note(OneNode.Id(1), Refusal.Uncertified, TimeSpan.FromMinutes(60));
        _facts.Told.Count.ShouldBe(3);
    }

    [Fact]
    public void Made_up_signers_fill_no_log_and_what_is_nobodys_setting_is_not_told()
    {
        for (var signer = 0; signer < 1_000; signer++)
            _disbelief.Note(OneNode.Id(signer), Refusal.SignerNotAllowed, TimeSpan.Zero);
        _facts.Told.Count.ShouldBe(Disbelief.Most);
        _disbelief.Note(OneNode.Id(1_000), Refusal.SignerNotAllowed, Disbelief.Again);
        _facts.Told.Count.ShouldBe(Disbelief.Most + 1);
        foreach (var other in (Refusal[])[Refusal.SignerBanned, Refusal.SignatureInvalid, Refusal.Duplicate])
            _disbelief.Note(OneNode.Id(2_000), other, TimeSpan.Zero);
        _facts.Told.Count.ShouldBe(Disbelief.Most + 1);
    }
}
