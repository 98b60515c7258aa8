using System.Text.Json;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Ivxp.Orders.Pushes;

/// <summary>The body of a push in the form that its receiver reads. Pure.</summary>
internal static class PushBody
{
    private const string Json = "json";

    /// <summary>The bytes, or null if the receiver cannot take so many: then nothing is pushed, and the client collects.</summary>
    /// <param name="order">The order.</param>
    /// <param name="deliverable">Its result, with content.</param>
    /// <param name="endpoint">Where it goes; the path tells the receiver.</param>
    /// <param name="options">The provider.</param>
    /// <param name="now">The present time.</param>
    public static byte[]? For(Order order, StoredDeliverable deliverable, Uri endpoint, IvxpOptions options, DateTimeOffset now)
    {
        var message = OrderMessages.Delivery(order, deliverable, options, now, isPush: true);
        if (!endpoint.AbsolutePath.EndsWith(IvxpProtocol.Routes.Callback, StringComparison.Ordinal))
            return JsonSerializer.SerializeToUtf8Bytes(message, IvxpJson.Wire.ServiceDelivery);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(
            message with { Deliverable = AsText(message.Deliverable), Content = null, ContentType = null }, IvxpJson.Wire.ServiceDelivery);
        return bytes.Length <= IvxpProtocol.Limits.CallbackBytes ? bytes : null;
    }

    /// <summary>
    /// The content as one string, which is what the hash inside the deliverable is made of: the text itself where the content is
    /// one, else its canonical JSON.
    /// </summary>
    private static Deliverable AsText(Deliverable deliverable)
    {
        if (deliverable.Content.Utf8[0] == (byte)'"')
            return deliverable with { Format = deliverable.Format ?? Json };
        var text = JsonSerializer.SerializeToUtf8Bytes(deliverable.Content.ToString(), IvxpJson.Wire.String);
        return deliverable with { Content = JsonContent.Parse(text), Format = Json };
    }
}
