using Posthouse.Jobs;

namespace Posthouse.Retry;

/// <summary>Turns what a handler threw into a failure that the retry plan understands.</summary>
public interface IFailureClassifier
{
    /// <summary>Names the kind of failure. Never throws; what it does not know is a counted, transient failure.</summary>
    Failure Classify(Exception exception);
}
