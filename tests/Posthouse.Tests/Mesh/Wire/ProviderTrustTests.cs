using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Wire;

public sealed class ProviderTrustTests
{
    private static readonly DateTimeOffset Now = SampleFrames.Now;
    private static readonly TagSignatures Signatures = new();
    private static readonly TagKey Operator = new(100);
    private readonly TagKey _key = new(1);

    [Fact]
    public void An_open_mesh_believes_everybody_but_the_banned()
    {
        var trust = new ProviderTrust(TrustMode.Open);
        trust.CheckSigner(By(_key), Now).ShouldBe(Refusal.None);
        new ProviderTrust(TrustMode.Open, banned: [_key.Public.Id]).CheckSigner(By(_key), Now).ShouldBe(Refusal.SignerBanned);
        new ProviderTrust(TrustMode.AllowList, [_key.Public.Id], banned: [_key.Public.Id]).CheckSigner(By(_key), Now).ShouldBe(Refusal.SignerBanned);
    }

    [Fact]
    public void A_list_believes_those_on_it()
    {
        var trust = new ProviderTrust(TrustMode.AllowList, [_key.Public.Id]);
        trust.CheckSigner(By(_key), Now).ShouldBe(Refusal.None);
        trust.CheckSigner(By(new TagKey(2)), Now).ShouldBe(Refusal.SignerNotAllowed);
    }

    [Fact]
    public void An_operator_vouches_for_one_key_for_a_time()
    {
        var trust = new ProviderTrust(TrustMode.Operator, operators: [Operator.Public]);
        var certificate = Certificate.Issue(Operator, SampleFrames.Network, _key.Public, Now.AddHours(-1), Now.AddHours(1));
        Judge(trust, By(_key, certificate)).ShouldBe(Refusal.None);
        Judge(trust, By(_key, certificate)).ShouldBe(Refusal.None);
        Judge(trust, By(_key, certificate with { Signature = new byte[16] })).ShouldBe(Refusal.CertificateForged);
        Judge(trust, By(_key)).ShouldBe(Refusal.Uncertified);
        Judge(trust, By(new TagKey(2), certificate)).ShouldBe(Refusal.CertificateForged);
        Judge(trust, By(_key, certificate with { NotAfter = Now.AddHours(9) })).ShouldBe(Refusal.CertificateForged);
        Judge(trust, By(_key, Certificate.Issue(new TagKey(3), SampleFrames.Network, _key.Public, Now, Now))).ShouldBe(Refusal.OperatorUnknown);
        Judge(trust, By(_key, certificate, Now.AddHours(2)), Now.AddHours(2)).ShouldBe(Refusal.CertificateExpired);
        Judge(trust, By(_key, certificate, Now.AddHours(-2))).ShouldBe(Refusal.CertificateExpired);
    }

    [Fact]
    public void What_was_signed_while_a_certificate_held_stays_believed()
    {
        var trust = new ProviderTrust(TrustMode.Operator, operators: [Operator.Public]);
        var certificate = Certificate.Issue(Operator, SampleFrames.Network, _key.Public, Now.AddHours(-1), Now.AddHours(1));
        Judge(trust, By(_key, certificate), Now.AddDays(3)).ShouldBe(Refusal.None);
    }

    [Fact]
    public void A_certificate_of_another_mesh_is_no_certificate()
    {
        var trust = new ProviderTrust(TrustMode.Operator, operators: [Operator.Public]);
        var elsewhere = Certificate.Issue(Operator, NetworkId.Of("other"), _key.Public, Now.AddHours(-1), Now.AddHours(1));
        Judge(trust, By(_key, elsewhere)).ShouldBe(Refusal.CertificateForged);
    }

    [Fact]
    public void Who_goes_over_to_another_key_is_believed_by_it_and_no_more_by_the_old_one()
    {
        var trust = new ProviderTrust(TrustMode.AllowList, [_key.Public.Id]);
        var successor = new TagKey(2);
        trust.CheckSigner(By(successor), Now).ShouldBe(Refusal.SignerNotAllowed);
        trust.Apply(Change(_key, successor)).ShouldBeTrue();
        trust.CheckSigner(By(successor), Now).ShouldBe(Refusal.None);
        trust.CheckSigner(By(_key), Now).ShouldBe(Refusal.None);
        trust.CheckSigner(By(_key, issuedAt: Now.AddSeconds(1)), Now).ShouldBe(Refusal.KeyRetired);
        trust.Newest(_key.Public.Id).ShouldBe(successor.Public.Id);
    }

    [Fact]
    public void The_first_change_holds_and_keys_do_not_go_in_rings()
    {
        var trust = new ProviderTrust(TrustMode.AllowList, [_key.Public.Id]);
        var (second, third) = (new TagKey(2), new TagKey(3));
        trust.Apply(Change(_key, second)).ShouldBeTrue();
        trust.Apply(Change(_key, third)).ShouldBeFalse();
        trust.Apply(Change(second, third)).ShouldBeTrue();
        trust.Apply(Change(third, _key)).ShouldBeFalse();
        trust.Newest(_key.Public.Id).ShouldBe(third.Public.Id);
    }

    [Fact]
    public void A_change_needs_the_successors_own_word()
    {
        var successor = new TagKey(2);
        KeySuccession.IsProven(Change(_key, successor), Signatures).ShouldBeTrue();
        var stolen = new KeyChangeContent(successor.Public, new byte[16]);
        KeySuccession.IsProven(new Signatory(_key, SampleFrames.Network, 1).Sign(stolen, Now), Signatures).ShouldBeFalse();
        var borrowed = KeySuccession.Announce(SampleFrames.Network, new TagKey(9).Public, successor);
        KeySuccession.IsProven(new Signatory(_key, SampleFrames.Network, 1).Sign(borrowed, Now), Signatures).ShouldBeFalse();
    }

    [Fact]
    public void Changes_remembered_are_bounded()
    {
        var trust = new ProviderTrust(TrustMode.Open);
        for (ulong number = 0; number < ProviderTrust.MaxChanges; number++)
            trust.Apply(Change(new TagKey(1_000 + number), new TagKey(9_000 + number))).ShouldBeTrue();
        trust.Apply(Change(_key, new TagKey(2))).ShouldBeFalse();
    }

    private static Refusal Judge(ProviderTrust trust, Envelope envelope, DateTimeOffset? now = null) =>
        trust.CheckSigner(envelope, now ?? Now) is var reason and not Refusal.None ? reason : trust.CheckCertificate(envelope, Signatures);

    private static Envelope By(TagKey key, Certificate? certificate = null, DateTimeOffset? issuedAt = null) =>
        new Signatory(key, SampleFrames.Network, 1, certificate).Sign(new GoodbyeContent(GoodbyeReason.Stopping), issuedAt ?? Now).Envelope;

    private static SignedFrame Change(TagKey old, TagKey successor) =>
        new Signatory(old, SampleFrames.Network, 1).Sign(KeySuccession.Announce(SampleFrames.Network, old.Public, successor), Now);
}
