using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>Files that hold one secret in one line.</summary>
internal static class SecretFile
{
    /// <summary>The secret.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the file is not there, is open to others, or is empty.</exception>
    public static string Read(string path)
    {
        try
        {
            if (!Durable.IsPrivate(path))
            {
                throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{path} holds a secret and is open to others. Say 'chmod 600 {path}'.");
            }

            var secret = File.ReadAllText(path).Trim();
            return secret.Length > 0 ? secret : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{path} is empty; put the secret into it.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{path} cannot be read ({error.Message}).", error);
        }
    }
}
