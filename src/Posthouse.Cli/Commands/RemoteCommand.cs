using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse remote</c>: where a project's branches and locks go to.</summary>
internal static class RemoteCommand
{
    public static Command Create(TimeProvider time)
    {
        var command = new Command("remote", "Names the remotes of a project, and finds out what they can do") { Add(time), RemoteCheckCommand.Create(time), List(time), Remove(time) };
        VcsFlags.AddTo(command);
        return command;
    }

    private static Command Add(TimeProvider time)
    {
        var (name, url) = (Name(), new Argument<string>("URL") { Description = "Its address: https://, ssh://, host:path or a folder" });
        var command = new Command("add", "Adds a remote") { name, url };
        Does(command, time, async (git, root, parsed, cancellationToken) =>
        {
            var (called, address) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(url));
            if (address.Length == 0 || address[0] == '-') { throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{address}' is no address."); }
            await RunAsync(git, root, cancellationToken, "remote", "add", "--", called, address);
            return new VerbEnd("added")
            {
                Lines = [$"Added {called}: {RemoteAddress.Shown(address)}", $"'posthouse remote check {called}' finds out what it can do."],
                Data = json => Write(json, called, RemoteAddress.Shown(address)),
            };
        });
        return command;
    }

    private static Command List(TimeProvider time)
    {
        var command = new Command("list", "Lists the remotes");
        Does(command, time, async (git, root, _, cancellationToken) =>
        {
            var names = (await RunAsync(git, root, cancellationToken, "remote")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            List<(string Name, string Url)> remotes = [];
            foreach (var called in names)
            {
                var urls = (await RunAsync(git, root, cancellationToken, "remote", "get-url", "--push", "--all", called)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                remotes.AddRange(urls.Select(url => (called, RemoteAddress.Shown(url))));
            }

            return new VerbEnd("listed")
            {
                Lines = remotes.Count == 0 ? ["No remotes. 'posthouse remote add origin URL' adds one."] : [.. remotes.Select(remote => $"{remote.Name}\t{remote.Url}")],
                Data = json =>
                {
                    json.WriteStartObject();
                    json.WriteStartArray("remotes");
                    foreach (var (called, url) in remotes) { Write(json, called, url); }
                    json.WriteEndArray();
                    json.WriteEndObject();
                },
            };
        });
        return command;
    }

    private static Command Remove(TimeProvider time)
    {
        var name = Name();
        var command = new Command("remove", "Removes a remote here; the remote itself stays as it is") { name };
        Does(command, time, async (git, root, parsed, cancellationToken) =>
        {
            var called = parsed.GetRequiredValue(name);
            await RunAsync(git, root, cancellationToken, "remote", "remove", "--", called);
            return new VerbEnd("removed") { Lines = [$"Removed {called}"], Data = json => Write(json, called, null) };
        });
        return command;
    }

    private static Argument<string> Name() => new("NAME") { Description = "The remote's name, for example origin" };

    /// <summary>A verb that needs a project and no remote.</summary>
    private static void Does(Command command, TimeProvider time, Func<IGit, string, ParseResult, CancellationToken, Task<VerbEnd>> run) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var flags = VcsFlags.Of(parsed);
            var configuration = Configuration.Load(Places.OfProcess(flags.Folder), [], parsed.GetValue(CommandLine.Set) ?? []);
            var git = new GitProgram(time, new GitOptions());
            var (root, _) = await ProjectFinder.PlaceAsync(git, flags.Folder, cancellationToken);
            var end = await run(git, root, parsed, cancellationToken);
            var to = parsed.InvocationConfiguration;
            return end.Write(CommandLine.Verb(parsed), flags, ProjectSite.TerminalOf(flags, configuration), to.Output, to.Error);
        });

    private static async Task<string> RunAsync(IGit git, string root, CancellationToken cancellationToken, params string[] arguments)
    {
        var answer = await git.RunAsync(new GitCall(root, arguments), cancellationToken);
        if (answer.ExitCode == 0) { return answer.Text; }

        var said = Secrets.Strip(answer.Errors.Trim());
        throw new PosthouseException(said.Contains("No such remote", StringComparison.Ordinal) ? VcsErrors.NoRemote : ErrorCodes.OptionsInvalid,
            said.StartsWith("error: ", StringComparison.Ordinal) || said.StartsWith("fatal: ", StringComparison.Ordinal) ? said[7..] : said);
    }

    private static void Write(Utf8JsonWriter json, string name, string? url)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        if (url is not null) { json.WriteString("url", url); }
        json.WriteEndObject();
    }
}
