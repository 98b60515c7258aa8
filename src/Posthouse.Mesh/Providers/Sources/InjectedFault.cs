using System.Globalization;

namespace Posthouse.Mesh.Providers.Sources;

/// <summary>What a fault does to a fetch.</summary>
internal enum InjectedKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The fetch takes as long as its limit, and then brings nothing.</summary>
    Timeout,

    /// <summary>The answer has a status that is no success.</summary>
    Status,

    /// <summary>The answer is no JSON.</summary>
    Garbage,

    /// <summary>The fetch brings all, but late.</summary>
    Freeze,
}

/// <summary>A fault that is made on purpose: <c>timeout</c>, <c>500</c>, <c>429:60</c> (with Retry-After), <c>garbage</c>, <c>freeze:250</c> (milliseconds).</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Number">The status, or the milliseconds.</param>
/// <param name="RetryAfter">What the answer asks for.</param>
internal readonly record struct InjectedFault(InjectedKind Kind, int Number = 0, TimeSpan? RetryAfter = null)
{
    /// <summary>How long a fetch that times out takes, as long as a call may by default.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>The longest freeze: ten minutes, when a mesh has long counted its provider as gone.</summary>
    private const int MaxMilliseconds = 600_000;

    /// <summary>Reads a fault; the empty text and <c>ok</c> are none.</summary>
    public static bool TryParse(string text, out InjectedFault fault)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (word, number) = colon < 0 ? (text, -1) : (text[..colon], Count(text[(colon + 1)..]));
        fault = word switch
        {
            "" or "ok" => default,
            "timeout" => new(InjectedKind.Timeout),
            "garbage" => new(InjectedKind.Garbage),
            "freeze" => new(InjectedKind.Freeze, number),
            _ => new(InjectedKind.Status, Count(word), number < 0 ? null : TimeSpan.FromSeconds(number)),
        };
        return fault.Kind switch
        {
            InjectedKind.Freeze => number is > 0 and <= MaxMilliseconds,
            InjectedKind.Status => fault.Number is >= 400 and <= 599 && (colon < 0 || number >= 0),
            _ => colon < 0,
        };
    }

    /// <summary>Does to a fetch what the fault says.</summary>
    /// <returns>How the fetch failed; null: it goes on.</returns>
    public async Task<SourceFault?> PlayAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (Kind is InjectedKind.Timeout or InjectedKind.Freeze)
            await Task.Delay(Kind == InjectedKind.Timeout ? Limit : TimeSpan.FromMilliseconds(Number), time, cancellationToken);
        return Kind switch
        {
            InjectedKind.Timeout => SourceFaults.Of(new TimeoutException()),
            InjectedKind.Status => SourceFaults.OfStatus(Number, RetryAfter),
            InjectedKind.Garbage => SourceFaults.NotJson(),
            _ => null,
        };
    }

    private static int Count(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
