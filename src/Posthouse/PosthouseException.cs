namespace Posthouse;

/// <summary>
/// The one exception of the house: an expected failure that the caller has to decide about. <see cref="Code"/> is
/// stable and fit for programs; the message says what to do next. Bugs throw other exceptions.
/// </summary>
public class PosthouseException : Exception
{
    /// <summary>A failure with a code of <see cref="ErrorCodes"/>.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>, or a room's own code.</param>
    /// <param name="message">A sentence for people: what happened and what to do next.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public PosthouseException(string code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>The stable code, upper case with underscores, for example <c>STORE_BUSY</c>.</summary>
    public string Code { get; }

    /// <summary>Whether the same call may succeed later without a change by the caller.</summary>
    public bool IsTransient => ErrorCodes.IsTransient(Code);
}
