using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Client;
using Posthouse.Vcs;

namespace Posthouse.Cli.Output;

/// <summary>What a verb's exit code tells a script. The numbers are promised and never reused.</summary>
internal static class ExitCodes
{
    /// <summary>Done; success that was there already counts.</summary>
    public const int Done = 0;

    /// <summary>An error that no other code names.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration cannot be used; nothing was tried.</summary>
    public const int Usage = 2;

    /// <summary>Signing in failed, or the far side does not allow it.</summary>
    public const int Unauthorised = 3;

    /// <summary>A lock is held by another, or was lost.</summary>
    public const int LockConflict = 4;

    /// <summary>The network or the server is away, and nothing was queued.</summary>
    public const int Unreachable = 5;

    /// <summary>Not inside a project, no remote, or a remote that cannot do what is asked.</summary>
    public const int NoProject = 6;

    /// <summary>Another process holds the store.</summary>
    public const int Busy = 7;

    /// <summary>A sync ended, and some entries failed or are blocked.</summary>
    public const int PartlySynced = 8;

    /// <summary>The remote is ahead, or there is work that was not pushed.</summary>
    public const int StaleBase = 9;

    /// <summary>Queued, not done: a script that goes on as if it were done must not pass.</summary>
    public const int Queued = 10;

    /// <summary>The request may have been applied; a later sync finds out.</summary>
    public const int OutcomeUnknown = 11;

    /// <summary>Interrupted from the keyboard (128 + SIGINT).</summary>
    public const int Interrupted = 130;

    /// <summary>Asked to end by the system (128 + SIGTERM).</summary>
    public const int Terminated = 143;

    /// <summary>The exit code of a verb that ended with this error code of <see cref="ErrorCodes"/>.</summary>
    public static int For(string errorCode) => errorCode switch
    {
        MeshErrors.Unreachable or MeshErrors.NoMesh => Unreachable,
        MeshErrors.TokenMissing or MeshErrors.KeyInvalid => Unauthorised,
        ErrorCodes.OptionsInvalid or ChainErrors.WrongChain or VcsErrors.LocksOff => Usage,
        VcsErrors.AuthenticationFailed or VcsErrors.Forbidden => Unauthorised,
        VcsErrors.LockConflict or VcsErrors.LockLost or VcsErrors.LockNotHeld or VcsErrors.LockIdMismatch => LockConflict,
        ClientErrors.ProviderUnreachable or ChainErrors.ChainUnavailable => Unreachable,
        VcsErrors.NetworkUnavailable or VcsErrors.ServerUnavailable or VcsErrors.RateLimited or VcsErrors.RemoteBusy or VcsErrors.CertificateRejected => Unreachable,
        VcsErrors.NotAProject or VcsErrors.NoRemote or VcsErrors.RemoteUnsupported or VcsErrors.RepositoryNotFound or VcsErrors.GitMissing => NoProject,
        ErrorCodes.StoreBusy => Busy,
        VcsErrors.Diverged or VcsErrors.UnpushedWork or VcsErrors.LocalChanges => StaleBase,
        ErrorCodes.Unknown or ClientErrors.PaymentUnknown or VcsErrors.OutcomeUnknown => OutcomeUnknown,
        VcsErrors.Cancelled => Interrupted,
        ClientErrors.StillWaiting or ClientErrors.PaymentNeeded or ChainErrors.FeeAboveCap => Queued,
        _ => Failed,
    };
}
