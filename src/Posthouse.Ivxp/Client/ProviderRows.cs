using Posthouse.Storage;

namespace Posthouse.Ivxp.Client;

/// <summary>What was learned about providers, as rows.</summary>
internal static class ProviderRows
{
    public static ProviderDialect? Dialect(IRead read, Uri url) =>
        (ProviderDialect?)read.QueryFirst("SELECT dialect FROM ivxp_provider WHERE url = $1", row => row.Int64OrNull(0), url.AbsoluteUri);

    public static void Learn(IWrite write, ProviderClient provider)
    {
        if (provider.Dialect is { } dialect)
        {
            write.Execute("INSERT INTO ivxp_provider (url, dialect) VALUES ($1, $2) ON CONFLICT (url) DO UPDATE SET dialect = excluded.dialect",
                provider.Provider.AbsoluteUri, (long)dialect);
        }
    }

    public static string? Cursor(IRead read, Uri url) =>
        read.QueryFirst("SELECT cursor FROM ivxp_provider WHERE url = $1", row => row.TextOrNull(0), url.AbsoluteUri);

    public static void MoveCursor(IWrite write, Uri url, string cursor) =>
        write.Execute("INSERT INTO ivxp_provider (url, cursor) VALUES ($1, $2) ON CONFLICT (url) DO UPDATE SET cursor = excluded.cursor", url.AbsoluteUri, cursor);
}
