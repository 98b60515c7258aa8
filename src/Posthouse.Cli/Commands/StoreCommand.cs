using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Backups;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Moving;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary>
/// <c>posthouse store move --from sqlite --to postgres</c> puts a station's store into the configured database; <c>posthouse store restored</c>
/// readies one that <c>pg_restore</c> put there.
/// </summary>
internal static class StoreCommand
{
    public static Command Create(TimeProvider time) => new("store", "Moves a station's store into a database, and readies one that was restored there") { CommandLine.Json, CreateMove(time), CreateRestored(time) };

    private static Command CreateMove(TimeProvider time)
    {
        var from = new Option<string>("--from") { Description = "Where it is: sqlite, the folder's file", HelpName = "KIND", DefaultValueFactory = _ => "sqlite" };
        var to = new Option<string>("--to") { Description = "Where it goes: postgres, the database of Store:Postgres:Connection", HelpName = "KIND", DefaultValueFactory = _ => "postgres" };
        from.AcceptOnlyFromAmong("sqlite");
        to.AcceptOnlyFromAmong("postgres");
        var data = new Option<string?>("--data") { Description = "The server's folder; otherwise the configured DataDirectory", HelpName = "DIR" };
        var command = new Command("move", "Copies everything, compares both sides by counts and hashes, and has the folder say where its store is; a run that was cut is gone on with") { from, to, data };
        command.SetAction((parsed, _) =>
        {
            var configuration = CommandLine.Configuration(parsed);
            var (output, isJson, terminal) = (parsed.InvocationConfiguration.Output, parsed.GetValue(CommandLine.Json), Terminal.OfProcess());
            var folder = Path.GetFullPath(parsed.GetValue(data) ?? configuration.Required(ConfigurationKeys.DataDirectory));
            var database = StationDatabase.Of(configuration) ?? throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{StoreKeys.Connection} names no database to move to. Set it, for example with --set \"{StoreKeys.Connection}=Host=…;Database=…;Username=…\", and the password's file in {StoreKeys.PasswordFile}.");
            if (StoreMark.Read(folder) is { } place && !File.Exists(Path.Combine(folder, StorePlace.DatabaseName)))
            {
                throw new PosthouseException(ErrorCodes.OptionsInvalid, $"The store of {folder} is {place} already.");
            }

            if (!isJson) { output.WriteLine($"Moving {Path.Combine(folder, StorePlace.DatabaseName)} to {database.Shown}"); }
            var report = new StoreMove(folder, database, SharedFolder.Configured(configuration), time, line =>
            {
                if (!isJson) { output.WriteLine("  " + line); }
            }).Run();
            if (isJson) { output.WriteLine(new Envelope(CommandLine.Verb(parsed), "moved", ExitCodes.Done) { Data = json => Write(json, report, database) }.Text()); }
            else
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{terminal.DoneMark} Moved {report.Tables.Sum(table => table.Rows)} row(s) and {report.Files} file(s){(report.Resumed ? ", going on with an earlier run" : "")}. {Left(folder)}"));
            }

            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    /// <summary>What stays in the folder of the store that was moved.</summary>
    private static string Left(string folder)
    {
        var files = Directory.EnumerateFiles(folder, StorePlace.DatabaseName + StoreMove.AsideSuffix + "*").Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        return files.Count == 1
            ? $"The old file is {files[0]}; remove it when you do not need it any more."
            : $"The old files are {string.Join(", ", files)}; remove them when you do not need them any more.";
    }

    private static Command CreateRestored(TimeProvider time)
    {
        var command = new Command("restored", "After a restore of the configured database, before a server starts: pauses the queue, and sets what only rises far ahead");
        command.SetAction(async (parsed, _) =>
        {
            var configuration = CommandLine.Configuration(parsed);
            var database = StationDatabase.Of(configuration) ?? throw new PosthouseException(ErrorCodes.OptionsInvalid,
                $"{StoreKeys.Connection} names no database. Where a file holds the store, 'posthouse restore' does this by itself.");
            var open = await RestoredDatabase.ReadyAsync(database, QueueSettings.Limits(configuration), time);
            var (output, terminal) = (parsed.InvocationConfiguration.Output, Terminal.OfProcess());
            if (parsed.GetValue(CommandLine.Json))
            {
                output.WriteLine(new Envelope(CommandLine.Verb(parsed), "ready", ExitCodes.Done) { Data = json => Write(json, open, database) }.Text());
                return ExitCodes.Done;
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{terminal.DoneMark} Ready in {database.Shown}: {open:N0} open job(s)"));
            output.WriteLine("  The queue is paused, for what was done since the backup will be done again. When that is right: posthouse queue resume");
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(System.Text.Json.Utf8JsonWriter json, long open, StationDatabase database)
    {
        json.WriteStartObject();
        json.WriteString("store", database.Shown);
        json.WriteNumber("open_jobs", open);
        json.WriteEndObject();
    }

    private static void Write(System.Text.Json.Utf8JsonWriter json, MoveReport report, StationDatabase database)
    {
        json.WriteStartObject();
        json.WriteString("store", database.Shown);
        json.WriteBoolean("resumed", report.Resumed);
        json.WriteStartObject("tables");
        foreach (var (table, rows, hash) in report.Tables)
        {
            json.WriteStartObject(table);
            json.WriteNumber("rows", rows);
            json.WriteString("sha256", hash);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("files");
        json.WriteNumber("count", report.Files);
        json.WriteNumber("bytes", report.FileBytes);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
