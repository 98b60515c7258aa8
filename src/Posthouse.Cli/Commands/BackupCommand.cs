using System.CommandLine;
using System.Globalization;
using Posthouse.Cli.Backups;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse backup DIR</c> and <c>posthouse restore DIR</c>: a station's copy, made while it runs, and a station made of it.</summary>
internal static class BackupCommand
{
    private static readonly Option<string?> _data = new("--data") { Description = "The server's folder; otherwise the configured DataDirectory", HelpName = "DIR" };

    public static Command CreateBackup(TimeProvider time)
    {
        var folder = new Argument<string>("DIR") { Description = "A new folder for the backup" };
        var keys = new Option<bool>("--with-keys") { Description = "Takes the keys in the server's folder along; whoever has the backup then has them" };
        var command = new Command("backup", "Copies a station, also while its server runs") { folder, _data, keys, CommandLine.Json };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var target = Path.GetFullPath(parsed.GetValue(folder)!);
            var station = Station(parsed);
            if (Elsewhere(parsed, station) is { } place)
            {
                throw new PosthouseException(ErrorCodes.OptionsInvalid,
                    $"The store of {station} is {place}, which is backed up with pg_dump or by a base backup. 'On PostgreSQL' in docs/operations.md has the commands.");
            }

            var wallet = CommandLine.Configuration(parsed).Text(ConfigurationKeys.WalletKeyFile);
            var backup = new StationBackup(station, target, time) { Wallet = string.IsNullOrEmpty(wallet) ? null : Path.GetFullPath(wallet) };
            var made = backup.Run(parsed.GetValue(keys), cancellationToken);
            Answer(parsed, "backed_up", target, made, backup.Warnings,
                string.Create(CultureInfo.InvariantCulture, $"Backup in {target}: {made.OpenJobs:N0} open job(s), {made.Size()}"),
                made.HasKeys ? "It has the station's keys: keep it as you keep them." : "Keys are not in it: keep copies of them elsewhere, or add --with-keys.");
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    public static Command CreateRestore(TimeProvider time)
    {
        var folder = new Argument<string>("DIR") { Description = "The backup's folder" };
        var command = new Command("restore", "Makes a station of a backup, in an empty folder") { folder, _data, CommandLine.Json };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var station = Station(parsed);
            if (Elsewhere(parsed, station) is { } place)
            {
                throw new PosthouseException(ErrorCodes.OptionsInvalid,
                    $"The store of {station} is {place}, and a backup is put into a file, which no server would take there. Name another folder with --data DIR; 'posthouse store move' puts it into a database from there. A dump of a database is put back with pg_restore.");
            }

            var made = StationRestore.Run(Path.GetFullPath(parsed.GetValue(folder)!), station, time, cancellationToken);
            Answer(parsed, "restored", station, made, [],
                string.Create(CultureInfo.InvariantCulture, $"Restored to {station}, as it was at {made.MadeAt:yyyy-MM-dd HH:mm:ss} UTC: {made.OpenJobs:N0} open job(s), {made.Size()}"),
                $"The queue is paused, for what was done since the backup will be done again. When that is right: posthouse queue resume --data {station}");
            return ExitCodes.Done;
        }, cancellationToken));
        return command;
    }

    private static string Station(ParseResult parsed) =>
        Path.GetFullPath(parsed.GetValue(_data) ?? CommandLine.Configuration(parsed).Required(ConfigurationKeys.DataDirectory));

    /// <summary>The database that a folder's store is in, or would be as soon as a server started; null: its file.</summary>
    private static string? Elsewhere(ParseResult parsed, string station)
    {
        var configuration = CommandLine.Configuration(parsed);
        var isConfigured = Path.TrimEndingDirectorySeparator(station) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(configuration.Required(ConfigurationKeys.DataDirectory)));
        return StoreMark.Read(station) ?? (isConfigured && !File.Exists(Path.Combine(station, StorePlace.DatabaseName)) ? StationDatabase.Of(configuration)?.Shown : null);
    }

    private static void Answer(ParseResult parsed, string status, string folder, BackupManifest made, IReadOnlyList<string> warnings, string said, string next)
    {
        var (output, terminal) = (parsed.InvocationConfiguration.Output, Terminal.OfProcess());
        if (parsed.GetValue(CommandLine.Json))
        {
            output.WriteLine(new Envelope(CommandLine.Verb(parsed), status, ExitCodes.Done)
            {
                Warnings = warnings,
                Data = json =>
                {
                    json.WriteStartObject();
                    json.WriteString("folder", folder);
                    json.WriteString("made_at", made.MadeAt);
                    json.WriteNumber("open_jobs", made.OpenJobs);
                    json.WriteNumber("files", made.Files.Count);
                    json.WriteNumber("bytes", made.Bytes);
                    json.WriteBoolean("keys", made.HasKeys);
                    json.WriteEndObject();
                },
            }.Text());
            return;
        }

        output.WriteLine($"{terminal.DoneMark} {said}");
        foreach (var warning in warnings) { output.WriteLine($"{terminal.WarningMark} {TextTable.Clean(warning, terminal.Unicode)}"); }
        output.WriteLine("  " + next);
    }
}
