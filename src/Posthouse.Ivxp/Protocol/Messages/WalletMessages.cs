namespace Posthouse.Ivxp.Protocol.Messages;

/// <summary>A directory asks the provider to prove its wallet: the body of <see cref="IvxpProtocol.Routes.Verify"/>.</summary>
/// <param name="Challenge">A text that <see cref="WalletClaim.IsValid"/> accepts; nothing else is ever signed.</param>
/// <param name="WalletAddress">The account that the directory expects.</param>
public sealed record WalletChallenge(string Challenge, string? WalletAddress = null);

/// <summary>The proof.</summary>
/// <param name="Challenge">What was signed.</param>
/// <param name="Signer">The provider's account.</param>
/// <param name="Signature">Its signature.</param>
public sealed record WalletProof(string Challenge, string Signer, string Signature);
