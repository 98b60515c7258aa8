using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;

namespace CsvReports;

/// <summary>The provider's account: what it is paid to and signs with. Losing the file loses the money, so keep a copy.</summary>
public static class KeyFile
{
    public static Wallet Open(string path)
    {
        if (File.Exists(path))
            return Wallet.Load(path, Secp256k1.Best);
        var wallet = Wallet.Create(SystemIds.Instance, Secp256k1.Best);
        wallet.Save(path);
        return wallet;
    }
}
