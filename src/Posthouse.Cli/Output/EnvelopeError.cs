using System.Text;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Vcs;

namespace Posthouse.Cli.Output;

/// <summary>Why a verb failed, for programs.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>, <see cref="VcsErrors"/> or <see cref="MeshErrors"/>, or a node's own.</param>
/// <param name="Category">The kind of failure: a <see cref="FailureCategory"/> in lower case with underscores, or <c>usage</c> or <c>store</c>.</param>
/// <param name="Message">What happened, for people.</param>
/// <param name="Hint">What they may do, or null.</param>
/// <param name="RetryAfter">How long the far side asked to be left alone, or null.</param>
internal sealed record EnvelopeError(string Code, string Category, string Message, string? Hint, TimeSpan? RetryAfter)
{
    /// <summary>What an expected failure says; a message's later lines are its hint where it brings none of its own.</summary>
    public static EnvelopeError Of(PosthouseException failure)
    {
        if (failure is VcsException judged) { return Of(judged.Failure); }
        var lines = failure.Message.Split('\n', 2);
        return new EnvelopeError(failure.Code, CategoryOf(failure.Code), lines[0].TrimEnd('\r'), lines.Length > 1 ? lines[1].Trim() : null, null);
    }

    /// <summary>What a judged failure says.</summary>
    public static EnvelopeError Of(RemoteFailure failure) =>
        new(failure.Code, Word(failure.Category), failure.Message, failure.Hint, failure.RetryAfter);

    /// <summary>A category's word, for example <c>rate_limit</c>.</summary>
    public static string Word(FailureCategory category)
    {
        var word = new StringBuilder();
        foreach (var letter in category.ToString())
        {
            if (char.IsUpper(letter) && word.Length > 0) { word.Append('_'); }
            word.Append(char.ToLowerInvariant(letter));
        }

        return word.ToString();
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("code", Code);
        json.WriteString("category", Category);
        json.WriteString("message", Message);
        json.WriteString("hint", Hint);
        // Whole seconds, never less than asked for.
        if (RetryAfter is { } after) { json.WriteNumber("retry_after_s", (long)Math.Ceiling(after.TotalSeconds)); } else { json.WriteNull("retry_after_s"); }
        json.WriteEndObject();
    }

    private static string CategoryOf(string code) => code switch
    {
        ErrorCodes.OptionsInvalid or VcsErrors.LocksOff => "usage",
        ErrorCodes.StoreBusy or ErrorCodes.StoreUnavailable => "store",
        VcsErrors.LockConflict or VcsErrors.LockLost or VcsErrors.LockNotHeld or VcsErrors.LockIdMismatch => Word(FailureCategory.LockConflict),
        VcsErrors.Diverged or VcsErrors.UnpushedWork or VcsErrors.LocalChanges => Word(FailureCategory.Diverged),
        VcsErrors.NetworkUnavailable or MeshErrors.Unreachable => Word(FailureCategory.Network),
        VcsErrors.ServerUnavailable or MeshErrors.NoMesh => Word(FailureCategory.Server),
        VcsErrors.RateLimited => Word(FailureCategory.RateLimit),
        VcsErrors.RemoteBusy => Word(FailureCategory.Contention),
        VcsErrors.OutcomeUnknown => Word(FailureCategory.Ambiguous),
        VcsErrors.AuthenticationFailed or MeshErrors.TokenMissing or MeshErrors.KeyInvalid => Word(FailureCategory.Auth),
        VcsErrors.Forbidden => Word(FailureCategory.Forbidden),
        VcsErrors.NotAProject or VcsErrors.NoRemote or VcsErrors.RemoteUnsupported => "project",
        VcsErrors.RepositoryNotFound or MeshErrors.NoPrice => Word(FailureCategory.NotFound),
        VcsErrors.CertificateRejected => Word(FailureCategory.Tls),
        VcsErrors.GitMissing or VcsErrors.LocalFailure => Word(FailureCategory.Local),
        VcsErrors.Cancelled => Word(FailureCategory.Cancelled),
        _ => Word(FailureCategory.Unknown),
    };
}
