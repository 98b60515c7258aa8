using System.Net.Mime;
using System.Text;
using System.Text.Json;

namespace Posthouse.Ivxp.Orders.Showing;

/// <summary>A result's content as one string, for clients that show it as it comes: its raw digest is the string's own.</summary>
internal static class FlatContent
{
    /// <summary>A string is itself; everything else is its canonical JSON.</summary>
    public static (string Content, string MediaType) Of(StoredDeliverable deliverable)
    {
        var canonical = deliverable.Content!;
        if (canonical[0] != (byte)'"')
            return (Encoding.UTF8.GetString(canonical), MediaTypeNames.Application.Json);
        using var document = JsonDocument.Parse(canonical);
        return (Protocol.JsonText.String(document.RootElement), deliverable.Format switch
        {
            "markdown" => MediaTypeNames.Text.Markdown,
            "json" => MediaTypeNames.Application.Json,
            _ => MediaTypeNames.Text.Plain,
        });
    }
}
