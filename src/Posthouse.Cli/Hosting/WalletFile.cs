using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>Key files for play money, made where they are first needed.</summary>
internal static class WalletFile
{
    /// <summary>The key file of a station that sells in development.</summary>
    public const string Station = "provider.key";

    /// <summary>The wallet of a key file; a new one if there is none yet.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the file is open to others or holds no key.</exception>
    public static Wallet OpenOrCreate(string path)
    {
        if (File.Exists(path)) { return Wallet.Load(path, Secp256k1.Best); }

        Durable.CreatePrivateDirectory(Path.GetDirectoryName(path)!);
        var wallet = Wallet.Create(SystemIds.Instance, Secp256k1.Best);
        wallet.Save(path);
        return wallet;
    }
}
