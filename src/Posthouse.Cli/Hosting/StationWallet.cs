using Posthouse.Postgres;
using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>
/// Servers of one database sell with one wallet: an order that was quoted by one is worked, and its delivery signed, by any of
/// them, and a client takes no other signature than that of the wallet it has paid.
/// </summary>
internal static class StationWallet
{
    /// <summary>Notes this server's wallet, or refuses it where another one is in use.</summary>
    /// <param name="store">The database.</param>
    /// <param name="address">The wallet's address, lower case.</param>
    /// <param name="starting">This server, which counts for the others from here on.</param>
    /// <exception cref="PosthouseException">OPTIONS_INVALID.</exception>
    public static Task CheckAsync(IStore store, string address, StartingServer starting) => store.WriteAsync(write =>
    {
        starting.Enter(write);
        if (StationFacts.Find(write, StationFacts.Wallet) is { } noted && noted != address && Users(write, noted, starting) is { } users)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"The servers of this database sell with the wallet {noted}, this one has {address}. Give all of them the same {ConfigurationKeys.WalletKeyFile}. {users}");
        }

        StationFacts.Note(write, StationFacts.Wallet, address);
        return true;
    });

    /// <summary>Who still needs the noted wallet; null: nobody, so that it may be another from now on.</summary>
    private static string? Users(IWrite write, string wallet, StartingServer starting)
    {
        if (starting.HasOthers(write))
        {
            return $"A new wallet can take its place once they have been down for {TimedPresence.Silence.TotalSeconds:0} s.";
        }

        var open = write.Scalar("SELECT count(*) FROM ivxp_order WHERE state IN ('quoted', 'paid', 'processing') AND payment_address = $1", wallet);
        return open > 0 ? $"A new wallet can take its place once the {open} order(s) that are open with the old one have ended." : null;
    }
}
