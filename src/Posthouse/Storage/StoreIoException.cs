namespace Posthouse.Storage;

/// <summary>
/// The system could not read or write the store's file. Raised by a commit it has the code <c>UNKNOWN</c>: the change
/// may stand on the disk or not, and only a fresh look from the disk tells.
/// </summary>
internal sealed class StoreIoException(string code, string message) : PosthouseException(code, message);

/// <summary>A statement broke a constraint of its table; nothing of that statement was stored.</summary>
internal sealed class ConstraintException(string message) : PosthouseException(ErrorCodes.JobInvalid, message);
