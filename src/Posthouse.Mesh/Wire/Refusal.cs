namespace Posthouse.Mesh.Wire;

/// <summary>Why something that came from outside was not taken. Counted by name; numbers and names are append-only.</summary>
internal enum Refusal : byte
{
    /// <summary>It was taken.</summary>
    None = 0,

    // What cannot be read.

    /// <summary>A frame of no bytes.</summary>
    Empty = 1,

    /// <summary>Longer than a frame, or than a signed frame, may be.</summary>
    TooLong = 2,

    /// <summary>No frame begins with this byte.</summary>
    UnknownType = 3,

    /// <summary>Another version of the protocol.</summary>
    UnknownVersion = 4,

    /// <summary>A signature scheme that this node does not take.</summary>
    UnknownScheme = 5,

    /// <summary>The bytes end before the frame does.</summary>
    Truncated = 6,

    /// <summary>The frame ends before the bytes do.</summary>
    TrailingBytes = 7,

    /// <summary>A number written with more bytes than it needs.</summary>
    NumberNotMinimal = 8,

    /// <summary>A number above its field's limit.</summary>
    NumberTooLarge = 9,

    /// <summary>More items than the field's limit.</summary>
    TooManyItems = 10,

    /// <summary>A text that is empty, too long, or has characters that its field does not allow.</summary>
    TextInvalid = 11,

    /// <summary>A decimal number in another than its one form, or beyond what can be held exactly.</summary>
    DecimalInvalid = 12,

    /// <summary>A time outside 1970 to 2100.</summary>
    TimeInvalid = 13,

    /// <summary>A list out of order, or with an item twice.</summary>
    NotSorted = 14,

    /// <summary>The nil id, which no node has.</summary>
    NilNode = 15,

    /// <summary>Flags or a choice that this version does not know.</summary>
    UnknownChoice = 16,

    /// <summary>More hops asked for than a network needs.</summary>
    TtlTooLarge = 17,

    // What is not let in.

    /// <summary>The peer sends more than its share.</summary>
    RateLimited = 30,

    /// <summary>The peer is banned, or its score is too low to be heard.</summary>
    PeerShunned = 31,

    /// <summary>The message was here before.</summary>
    Duplicate = 32,

    /// <summary>The node's own key signed it, yet this node did not: there is a second process with its key.</summary>
    OwnKey = 33,

    /// <summary>Signed for another network.</summary>
    WrongNetwork = 34,

    /// <summary>A type that does not travel this way.</summary>
    OutOfPlace = 35,

    /// <summary>Not asked for.</summary>
    Unsolicited = 36,

    // What is out of bounds.

    /// <summary>Signed too long ago for a live message.</summary>
    TooOld = 50,

    /// <summary>Signed in the future: the signer's clock or ours is wrong.</summary>
    ClockSkew = 51,

    /// <summary>Signed before the time for which prices are kept.</summary>
    BeyondRetention = 52,

    /// <summary>An update without a price.</summary>
    NoPrices = 53,

    /// <summary>A price of zero or below.</summary>
    PriceNotPositive = 54,

    /// <summary>A change over 24 hours that cannot be.</summary>
    ChangeOutOfRange = 55,

    /// <summary>A confidence below zero.</summary>
    ConfidenceNegative = 56,

    /// <summary>A price observed after it was signed.</summary>
    ObservedAhead = 57,

    /// <summary>A price that was old when it was signed.</summary>
    ObservedBehind = 58,

    /// <summary>No asset that this node follows.</summary>
    UnknownAsset = 59,

    // Who may not say it.

    /// <summary>Not on the list of allowed signers.</summary>
    SignerNotAllowed = 70,

    /// <summary>The signer is banned here.</summary>
    SignerBanned = 71,

    /// <summary>The signer has no certificate.</summary>
    Uncertified = 72,

    /// <summary>The certificate's operator is not one of ours.</summary>
    OperatorUnknown = 73,

    /// <summary>The certificate is not yet, or no longer, valid.</summary>
    CertificateExpired = 74,

    /// <summary>The certificate's signature does not fit.</summary>
    CertificateForged = 75,

    /// <summary>Signed with a key after its owner went over to another.</summary>
    KeyRetired = 76,

    /// <summary>The signature does not fit.</summary>
    SignatureInvalid = 77,

    /// <summary>The holder of a successor's key did not sign.</summary>
    SuccessorUnproven = 79,

    // Where it stands among its signer's messages.

    /// <summary>From an earlier life of its signer.</summary>
    EpochOld = 90,

    /// <summary>The signer's message of this number was taken before.</summary>
    Replayed = 91,

    /// <summary>Too far behind its signer's newest message to tell.</summary>
    BehindWindow = 92,
}
