using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Ivxp.Signing;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class WalletTests : IDisposable
{
    private static readonly ISecp256k1 Curve = new ManagedSecp256k1();
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_saved_wallet_comes_back_and_only_its_owner_may_read_it()
    {
        var path = _folder.File("wallet.key");
        var wallet = Wallet.Create(SystemIds.Instance, Curve);
        wallet.Save(path);
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.ReadAllText(path).ShouldMatch(@"^[0-9a-f]{64}\n\z");
        var loaded = Wallet.Load(path, Curve);
        loaded.Address.ShouldBe(wallet.Address);
        loaded.Sign("text").ToString().ShouldBe(wallet.Sign("text").ToString());
        wallet.ToString().ShouldBe(wallet.Address.ToString());
    }

    [Fact]
    public void A_key_is_never_overwritten()
    {
        var path = _folder.File("wallet.key");
        var wallet = Wallet.Create(SystemIds.Instance, Curve);
        wallet.Save(path);
        Should.Throw<PosthouseException>(() => Wallet.Create(SystemIds.Instance, Curve).Save(path)).Message.ShouldContain("never overwritten");
        Wallet.Load(path, Curve).Address.ShouldBe(wallet.Address);
    }

    [Fact]
    public void A_key_that_others_may_read_is_refused_with_the_remedy()
    {
        var path = _folder.File("wallet.key");
        Wallet.Create(SystemIds.Instance, Curve).Save(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Should.Throw<PosthouseException>(() => Wallet.Load(path, Curve)).Message.ShouldContain($"chmod 600 {path}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")]
    public void A_file_without_a_key_is_refused_without_showing_what_it_holds(string content)
    {
        var path = _folder.File("wallet.key");
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var refused = Should.Throw<PosthouseException>(() => Wallet.Load(path, Curve));
        refused.Message.ShouldContain("holds no key");
        if (content.Length > 0)
            refused.Message.ShouldNotContain(content);
    }

    [Fact]
    public void A_missing_file_says_how_to_make_one() =>
        Should.Throw<PosthouseException>(() => Wallet.Load(_folder.File("none"), Curve)).Message.ShouldContain("posthouse wallet new");

    [Theory]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EE7", true)]
    [InlineData("0xde709f2102306220921060314715629080e2fb77", true)]
    [InlineData("0X52908400098527886E0F7030069857D2E4169EE7", false)]
    [InlineData("52908400098527886E0F7030069857D2E4169EE7", false)]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EE", false)]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EE7\n", false)]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EEg", false)]
    [InlineData(null, false)]
    public void An_address_is_read_in_any_case_and_no_other_form(string? text, bool valid) =>
        EthereumAddress.TryParse(text, out _).ShouldBe(valid);

    [Theory]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EE7")]
    [InlineData("0xde709f2102306220921060314715629080e2fb77")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")]
    [InlineData("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb")]
    public void The_examples_of_EIP_55_come_out_as_they_stand_there(string checksum)
    {
        var address = EthereumAddress.Parse(checksum.ToLowerInvariant());
        address.ToChecksum().ShouldBe(checksum);
        (address == EthereumAddress.Parse(checksum)).ShouldBeTrue();
        address.IsZero.ShouldBeFalse();
        default(EthereumAddress).ShouldBe(EthereumAddress.Parse("0x" + new string('0', 40)));
        EthereumAddress.Parse("0x" + new string('0', 40)).IsZero.ShouldBeTrue();
    }
}
