namespace Posthouse.Ivxp.Orders.Pushes;

/// <summary>
/// Why a push failed, as the wire says it: a class and never more. An answer that told a closed port from a filtered one, or
/// quoted what was read, would let strangers look around with our eyes.
/// </summary>
internal static class PushFailure
{
    public const string Unreachable = "unreachable";
    public const string Timeout = "timeout";
    public const string ClientError = "http_4xx";
    public const string ServerError = "http_5xx";

    /// <summary>Nothing was sent, or nothing more will be: a bad endpoint, one that leads elsewhere, a body its receiver cannot take.</summary>
    public const string NotAllowed = "not_allowed";

    /// <summary>The class of an answer that is no success. A redirect is none: it is not followed.</summary>
    public static string Of(int status) => status switch
    {
        >= 400 and < 500 => ClientError,
        >= 300 and < 400 => NotAllowed,
        _ => ServerError,
    };

    /// <summary>The class of an exchange without an answer.</summary>
    public static string Of(Exception e) => e is TimeoutException ? Timeout : Unreachable;
}
