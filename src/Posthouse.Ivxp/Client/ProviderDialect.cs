using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Client;

/// <summary>The forms in which providers take orders. The numbers are stored and never change.</summary>
internal enum ProviderDialect
{
    /// <summary>K: each order is a resource with its parts below it.</summary>
    Workflow = 1,

    /// <summary>W: the documented paths; the proof's text carries a nonce.</summary>
    Wire = 2,

    /// <summary>F: the documented paths; the proof's text is the short one, and answers are flat.</summary>
    Flat = 3,
}

/// <summary>Where each form takes what.</summary>
internal static class ProviderPaths
{
    /// <summary>In the order in which an unknown provider is tried.</summary>
    public static IReadOnlyList<ProviderDialect> All { get; } = [ProviderDialect.Workflow, ProviderDialect.Wire, ProviderDialect.Flat];

    public static string Proof(ProviderDialect dialect, string orderId) => Path(dialect is ProviderDialect.Workflow ? IvxpProtocol.Routes.OrderPayment : IvxpProtocol.Routes.Deliver, orderId);

    public static string Status(ProviderDialect dialect, string orderId) => Path(dialect is ProviderDialect.Workflow ? IvxpProtocol.Routes.Order : IvxpProtocol.Routes.Status, orderId);

    public static string Download(ProviderDialect dialect, string orderId) => Path(dialect is ProviderDialect.Workflow ? IvxpProtocol.Routes.OrderDeliverable : IvxpProtocol.Routes.Download, orderId);

    public static string Confirm(ProviderDialect dialect, string orderId) => Path(dialect is ProviderDialect.Workflow ? IvxpProtocol.Routes.OrderConfirm : IvxpProtocol.Routes.Confirm, orderId);

    private static string Path(string route, string orderId) => route.Replace("{id}", Uri.EscapeDataString(orderId), StringComparison.Ordinal);
}
