using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Jobs;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse queue retry ID [--edit FILE]</c>: tries a failed job again, as it was or with another payload.</summary>
internal static class QueueRetryCommand
{
    public static Command Create(TimeProvider time)
    {
        var id = QueueCommand.Id();
        var edit = new Option<string?>("--edit")
        {
            Description = "A file with the new payload as JSON, - for standard input; the job gets a new id and so a new idempotency key",
            HelpName = "FILE",
        };
        var command = new Command("retry", "Tries a failed job again") { id, edit };
        command.SetAction(async (parsed, _) =>
        {
            var site = QueueSite.Of(parsed, time);
            // Read first: a payload that is no JSON changes nothing.
            var payload = parsed.GetValue(edit) is { } file ? ReadPayload(file) : null;
            JobRecord job;
            JobDraft? draft = null;
            using (var reader = site.LookInside())
            {
                (job, draft) = reader.Read(read =>
                {
                    var found = site.Find(read, parsed.GetRequiredValue(id));
                    return (found, payload is null ? null : Edited(read, found, payload, time));
                });
            }

            await site.DecideAsync(draft is null ? new JobCommand.Retry(job.Id) : new JobCommand.RetryEdited(job.Id, draft));
            site.Answer(draft is null
                ? $"{site.Terminal.DoneMark} Retried: {site.TitleOf(job)} ({job.Id})"
                : $"{site.Terminal.DoneMark} Edited: {site.TitleOf(job)} ({draft.Id}), in the place of {job.Id}", json =>
            {
                json.WriteString("id", (draft?.Id ?? job.Id).Value);
                json.WriteString("result", draft is null ? "retried" : "edited");
                json.WriteString("replaces", draft is null ? null : job.Id.Value);
            });
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>
    /// The same job with another payload. What is computed from a payload is computed anew for the types of this program; of an
    /// application's own type, which is not known here, it stays what it was.
    /// </summary>
    private static JobDraft Edited(IRead read, JobRecord job, byte[] payload, TimeProvider time) =>
        new JobDrafts(new JobRegistry().AddPosthouseIvxpJobs().AddPosthouseVcsJobs(), time, SystemIds.Instance).Edited(job, payload, Foremost.Files(read, job.Id));

    private static byte[] ReadPayload(string file)
    {
        try
        {
            var text = file == "-" ? Console.In.ReadToEnd() : File.ReadAllText(file);
            using var document = JsonDocument.Parse(text);
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer)) { document.RootElement.WriteTo(json); }
            return buffer.ToArray();
        }
        catch (JsonException error)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{file} is no JSON ({error.Message}). Nothing was changed.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{file} cannot be read ({error.Message}). Nothing was changed.", error);
        }
    }
}
