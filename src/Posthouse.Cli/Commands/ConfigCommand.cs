using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse config list|get|set|path</c>: what is set, by whom, and where; and sets it.</summary>
internal static class ConfigCommand
{
    public static Command Create() => new("config", "Shows and changes the configuration")
    {
        CreateList(),
        CreateGet(),
        CreateSet(),
        CreatePath(),
    };

    private static Command CreateList()
    {
        var json = new Option<bool>("--json") { Description = "Writes one JSON object instead of a table" };
        var command = new Command("list", "Lists every key with its value and where that comes from") { json };
        command.SetAction(parsed =>
        {
            var rows = Rows(CommandLine.Configuration(parsed)).ToList();
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) { output.WriteLine(Json(rows)); }
            else { Table(rows).Write(output, Terminal.OfProcess().Unicode); }
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateGet()
    {
        var name = new Argument<string>("KEY") { Description = "A key, for example Ivxp:Push:Timeout, or a list" };
        var command = new Command("get", "Prints the value of one key, an item of a list on each line") { name };
        command.SetAction(parsed =>
        {
            var configuration = CommandLine.Configuration(parsed);
            foreach (var value in Values(configuration, parsed.GetRequiredValue(name))) { parsed.InvocationConfiguration.Output.WriteLine(value); }
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateSet()
    {
        var name = new Argument<string>("KEY") { Description = "A key, for example Ivxp:Push:Timeout; an item of a list by its number, Ivxp:Push:Delays:0" };
        var value = new Argument<string>("VALUE") { Description = "Its value; an empty one (\"\") empties a list" };
        var project = new Option<bool>("--project") { Description = "Sets it in the project's file instead of your own" };
        var command = new Command("set", "Sets one key in your configuration file, and keeps the file's comments") { name, value, project };
        command.SetAction(parsed =>
        {
            var places = Places.OfProcess();
            var isProject = parsed.GetValue(project);
            if (isProject && places.Project is null)
            {
                parsed.InvocationConfiguration.Error.WriteLine("posthouse: no folder from here up is a project; make it one with a folder .posthouse, or leave --project out for your own file");
                return ExitCodes.NoProject;
            }

            var file = isProject ? places.ProjectConfiguration! : places.UserConfiguration;
            var setting = ConfigurationEdit.Set(file, isProject, parsed.GetRequiredValue(name), parsed.GetRequiredValue(value));
            parsed.InvocationConfiguration.Output.WriteLine($"{Terminal.OfProcess().DoneMark} {setting.Name} = {setting.Value} in {setting.Source}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreatePath()
    {
        var command = new Command("path", "Prints where the configuration files are, whether they exist or not");
        command.SetAction(parsed =>
        {
            var places = Places.OfProcess();
            parsed.InvocationConfiguration.Output.WriteLine(places.UserConfiguration);
            if (places.ProjectConfiguration is { } project) { parsed.InvocationConfiguration.Output.WriteLine(project); }
            return ExitCodes.Done;
        });
        return command;
    }

    private static IEnumerable<string> Values(Configuration configuration, string name)
    {
        if (ConfigurationKeys.Find(name + ":0") is { IsListItem: true }) { return configuration.Texts(name); }

        if (ConfigurationKeys.Find(name) is null)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, ConfigurationCheck.Unknown(name, ConfigurationKeys.IsList(name)));
        }

        return configuration.Text(name) is { } value ? [value] : [];
    }

    /// <summary>What is given, and every key that is not with its default; an item of a list only where there is one.</summary>
    private static IEnumerable<Setting> Rows(Configuration configuration)
    {
        var given = configuration.Given.ToLookup(setting => ConfigurationKeys.Find(setting.Name)!.Name);
        foreach (var key in ConfigurationKeys.All)
        {
            if (given.Contains(key.Name))
            {
                foreach (var setting in given[key.Name]) { yield return setting; }
            }
            else if (key.IsListItem && key.Name.IndexOf('*', StringComparison.Ordinal) == key.Name.Length - 1)
            {
                var list = key.Name[..^2];
                foreach (var (index, item) in configuration.Texts(list).Index()) { yield return new Setting($"{list}:{index}", item, "default"); }
            }
            else if (!key.Name.Contains('*', StringComparison.Ordinal))
            {
                yield return new Setting(key.Name, key.Default ?? "", "default");
            }
        }
    }

    private static TextTable Table(List<Setting> rows)
    {
        var table = new TextTable("Key", "Value", "From");
        foreach (var row in rows) { table.Add(row.Name, row.Value, row.Source); }
        return table;
    }

    private static string Json(List<Setting> rows)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            foreach (var row in rows)
            {
                json.WriteStartObject(row.Name);
                json.WriteString("value", row.Value);
                json.WriteString("from", row.Source);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
