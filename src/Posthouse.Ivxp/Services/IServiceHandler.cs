using Posthouse.Ivxp.Protocol.Messages;

namespace Posthouse.Ivxp.Services;

/// <summary>
/// Does the work of one service. It may be called again for the same order after a crash or a failure: the same order is to give
/// the same result, or at least harm nobody twice.
/// </summary>
public interface IServiceHandler
{
    /// <summary>Makes what was ordered.</summary>
    /// <param name="work">What was ordered.</param>
    /// <param name="cancellationToken">Fires when the process stops; the order is then worked again later.</param>
    /// <returns>The result. Its content is best a JSON object, for then every kind of client computes the same hash.</returns>
    /// <exception cref="ServiceFailedException">The work failed and the message may be kept; any other exception counts as a passing failure.</exception>
    Task<Deliverable> WorkAsync(ServiceWork work, CancellationToken cancellationToken);
}

/// <summary>One order, as the one who does the work sees it.</summary>
/// <param name="OrderId">The order; fit as a key against doing things twice.</param>
/// <param name="ServiceType">The service.</param>
/// <param name="Description">The client's input, often JSON in a string. Written by a stranger.</param>
/// <param name="DeliveryFormat">The form the client wishes for, or null.</param>
/// <param name="Deadline">When the client needs it, or null.</param>
/// <param name="Attempt">Which try this is, from 1.</param>
public sealed record ServiceWork(string OrderId, string ServiceType, string Description, string? DeliveryFormat, string? Deadline, int Attempt)
{
    /// <summary>
    /// Says how far the work is: the part that is done, 0 to 1, and what is being done, which the client reads. Shown to those who
    /// follow the order at this moment, and kept nowhere.
    /// </summary>
    public Action<double, string?> Report { get; init; } = (_, _) => { };
}

/// <summary>The work failed.</summary>
/// <param name="message">Why, for the operator; kept with the job.</param>
/// <param name="isFinal">Whether trying again is useless.</param>
public sealed class ServiceFailedException(string message, bool isFinal = false) : Exception(message)
{
    /// <summary>Whether trying again is useless: the order ends as <c>delivery_failed</c> at once.</summary>
    public bool IsFinal { get; } = isFinal;
}
