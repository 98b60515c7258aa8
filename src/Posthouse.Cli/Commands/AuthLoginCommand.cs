using System.CommandLine;
using System.Globalization;
using System.Text;
using Posthouse.Cli.Hosting;
using Posthouse.Vcs;
using Posthouse.Vcs.Projects;

namespace Posthouse.Cli.Commands;

/// <summary>
/// <c>posthouse auth login</c>: takes a token by standard input or from the keyboard without showing it, tries it, and gives it to
/// Git's credential helper. It is nowhere in the arguments, where every process of the machine could read it.
/// </summary>
internal static class AuthLoginCommand
{
    /// <summary>What hosts that take a token alone are given as user: they ignore it, and it must not be empty.</summary>
    private const string AnyUser = "x-access-token";

    public static Command Create(TimeProvider time)
    {
        var fromInput = new Option<bool>("--token-stdin") { Description = "Reads the token, one line, from standard input" };
        var user = new Option<string?>("--username") { Description = "The user, for hosts that want one beside the token", HelpName = "NAME" };
        var command = new Command("login", "Gives a token or password to Git's credential helper, after it was tried") { fromInput, user, SignInSite.HostOption };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var site = await SignInSite.OfAsync(parsed, time, cancellationToken);
            var place = site.Required();
            var name = parsed.GetValue(user) ?? place.User ?? AnyUser;
            var secret = Read(site, place, parsed.GetValue(fromInput));
            if (!Credentials.IsField(name) || !Credentials.IsField(secret))
            {
                throw new PosthouseException(ErrorCodes.OptionsInvalid, "The user and the token are one line each, and not empty.");
            }

            var failure = site.Project is { } project ? await site.Credentials.TryAsync(project.Remote, (name, secret), cancellationToken) : null;
            if (failure is { MayWait: false }) { throw new VcsException(failure with { Message = $"{site.Title} did not accept it, and nothing was kept. {failure.Message}" }); }

            if (!await site.Credentials.KeepAsync(place, name, secret, cancellationToken))
            {
                throw new PosthouseException(VcsErrors.LocalFailure, AuthCommand.NoHelper(await site.Credentials.HelpersAsync(place, cancellationToken)));
            }

            var waited = await site.CredentialsChangedAsync(CommandLine.Configuration(parsed), time);
            var tried = site.Project is not null && failure is null;
            return AuthCommand.Answer(site, "login", tried ? "signed_in" : "kept_untried", json =>
            {
                json.WriteString("user", name);
                json.WriteBoolean("tried", tried);
                json.WriteNumber("released", waited);
            }, Lines(site, place, tried, failure, waited));
        });
        return command;
    }

    private static IEnumerable<string> Lines(SignInSite site, SignInPlace place, bool tried, RemoteFailure? failure, int waited)
    {
        var mark = site.Base.Terminal;
        yield return tried
            ? $"{mark.DoneMark} Signed in to {place.Host}; Git's credential helper keeps it."
            : $"{mark.DoneMark} Kept for {place.Host} by Git's credential helper, untried: {failure?.Message ?? "no project here has a remote there"}";
        if (place.IsOpen) { yield return $"{mark.WarningMark} {place.Url} is not encrypted: whoever is on the way can read the token. Use https."; }
        if (waited > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{mark.NoteMark} {waited} operation(s) waited for this. Use 'posthouse queue sync' to send them now.");
        }
    }

    private static string Read(SignInSite site, SignInPlace place, bool fromInput)
    {
        if (fromInput) { return Console.In.ReadLine()?.TrimEnd('\r') ?? ""; }

        if (!site.Base.Terminal.IsInteractive)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, "Nobody can be asked for the token here. Send it through standard input: posthouse auth login --token-stdin < FILE");
        }

        site.Base.Output.Write($"Token or password for {place.Host} (it is not shown): ");
        var secret = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace) { secret.Length = Math.Max(0, secret.Length - 1); }
            else if (!char.IsControl(key.KeyChar)) { secret.Append(key.KeyChar); }
        }

        site.Base.Output.WriteLine();
        return secret.ToString();
    }
}
