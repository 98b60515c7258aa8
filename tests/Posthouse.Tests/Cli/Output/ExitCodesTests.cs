using Posthouse.Cli.Output;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Client;
using Posthouse.Vcs;

namespace Posthouse.Tests.Cli.Output;

public sealed class ExitCodesTests
{
    [Theory]
    [InlineData(ErrorCodes.OptionsInvalid, 2)]
    [InlineData(ErrorCodes.StoreBusy, 7)]
    [InlineData(ErrorCodes.Unknown, 11)]
    [InlineData(ErrorCodes.JobNotFound, 1)]
    [InlineData(ChainErrors.WrongChain, 2)]
    [InlineData(ChainErrors.ChainUnavailable, 5)]
    [InlineData(ChainErrors.FeeAboveCap, 10)]
    [InlineData(ChainErrors.ChainRefused, 1)]
    [InlineData(ClientErrors.PaymentNeeded, 10)]
    [InlineData(ClientErrors.PaymentUnknown, 11)]
    [InlineData(ClientErrors.PaymentReverted, 1)]
    [InlineData(VcsErrors.LocksOff, 2)]
    [InlineData(VcsErrors.NotAProject, 6)]
    [InlineData(VcsErrors.NoRemote, 6)]
    [InlineData(VcsErrors.RemoteUnsupported, 6)]
    [InlineData(VcsErrors.RepositoryNotFound, 6)]
    [InlineData(VcsErrors.GitMissing, 6)]
    [InlineData(VcsErrors.NetworkUnavailable, 5)]
    [InlineData(VcsErrors.ServerUnavailable, 5)]
    [InlineData(VcsErrors.RateLimited, 5)]
    [InlineData(VcsErrors.RemoteBusy, 5)]
    [InlineData(VcsErrors.CertificateRejected, 5)]
    [InlineData(VcsErrors.OutcomeUnknown, 11)]
    [InlineData(VcsErrors.LockConflict, 4)]
    [InlineData(VcsErrors.LockLost, 4)]
    [InlineData(VcsErrors.LockNotHeld, 4)]
    [InlineData(VcsErrors.LockIdMismatch, 4)]
    [InlineData(VcsErrors.Diverged, 9)]
    [InlineData(VcsErrors.UnpushedWork, 9)]
    [InlineData(VcsErrors.LocalChanges, 9)]
    [InlineData(VcsErrors.AuthenticationFailed, 3)]
    [InlineData(VcsErrors.Forbidden, 3)]
    [InlineData(VcsErrors.RequestRejected, 1)]
    [InlineData(VcsErrors.LocalFailure, 1)]
    [InlineData(VcsErrors.UnknownFailure, 1)]
    [InlineData(VcsErrors.Cancelled, 130)]
    public void An_error_code_has_its_exit_code(string error, int exit) => ExitCodes.For(error).ShouldBe(exit);

    [Fact]
    public void No_two_meanings_share_a_number()
    {
        var codes = typeof(ExitCodes).GetFields().Select(field => (int)field.GetRawConstantValue()!).ToList();

        codes.Distinct().Count().ShouldBe(codes.Count);
        codes.Order().ShouldBe([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 130, 143]);
    }
}
