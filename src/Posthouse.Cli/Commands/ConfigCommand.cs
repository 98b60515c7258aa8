using System.CommandLine;
using System.Text.Json;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs;

namespace Posthouse.Cli.Commands;

/// <summary><c>posthouse config list|get|set|path</c>: what is set, by whom, and where; and sets it.</summary>
internal static class ConfigCommand
{
    public static Command Create() => new("config", "Shows and changes the configuration")
    {
        CommandLine.Json,
        CreateList(),
        CreateGet(),
        CreateSet(),
        CreatePath(),
    };

    private static Command CreateList()
    {
        var prefix = new Argument<string?>("PREFIX") { Description = "Only keys that begin so, for example Locks or Network:", Arity = ArgumentArity.ZeroOrOne };
        var origin = new Option<bool>("--show-origin") { Description = "Shows where each value comes from: a file and line, a variable, an option" };
        var command = new Command("list", "Lists every key with its value, or those of one part") { prefix, origin };
        command.SetAction(parsed =>
        {
            var wanted = parsed.GetValue(prefix) ?? "";
            var rows = Rows(CommandLine.Configuration(parsed)).Where(row => row.Name.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)).ToList();
            if (rows.Count == 0) { throw new PosthouseException(ErrorCodes.OptionsInvalid, $"No key begins with '{wanted}'.\n'posthouse config list' shows all."); }
            if (parsed.GetValue(CommandLine.Json)) { return Tell(parsed, "listed", json => Write(json, rows)); }

            Table(rows, parsed.GetValue(origin)).Write(parsed.InvocationConfiguration.Output, Terminal.OfProcess().Unicode);
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
            var rows = Named(configuration, parsed.GetRequiredValue(name)).ToList();
            if (parsed.GetValue(CommandLine.Json)) { return Tell(parsed, "shown", json => Write(json, rows)); }

            foreach (var row in rows) { parsed.InvocationConfiguration.Output.WriteLine(row.Value); }
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateSet()
    {
        var name = new Argument<string>("KEY") { Description = "A key, for example Ivxp:Push:Timeout; an item of a list by its number, Ivxp:Push:Delays:0" };
        var value = new Argument<string>("VALUE") { Description = "Its value; an empty one (\"\") empties a list" };
        var project = new Option<bool>("--project") { Description = "Sets it in the project's file instead of your own" };
        var user = new Option<bool>("--user") { Description = "Sets it in your own file, as without either" };
        var command = new Command("set", "Sets one key in your configuration file, and keeps the file's comments") { name, value, project, user };
        command.SetAction(parsed =>
        {
            var places = Places.OfProcess();
            var isProject = parsed.GetValue(project);
            if (isProject && parsed.GetValue(user)) { throw new PosthouseException(ErrorCodes.OptionsInvalid, "--user and --project exclude each other: say one of them."); }
            if (isProject && places.Project is null)
            {
                throw new PosthouseException(VcsErrors.NotAProject, "No folder from here up is a project.\nMake it one with 'posthouse init', or leave --project out for your own file.");
            }

            var file = isProject ? places.ProjectConfiguration! : places.UserConfiguration;
            var setting = ConfigurationEdit.Set(file, isProject, parsed.GetRequiredValue(name), parsed.GetRequiredValue(value));
            if (parsed.GetValue(CommandLine.Json)) { return Tell(parsed, "set", json => Write(json, [setting])); }

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
            if (parsed.GetValue(CommandLine.Json))
            {
                return Tell(parsed, "shown", json =>
                {
                    json.WriteStartObject();
                    json.WriteString("user", places.UserConfiguration);
                    json.WriteString("project", places.ProjectConfiguration);
                    json.WriteEndObject();
                });
            }

            parsed.InvocationConfiguration.Output.WriteLine(places.UserConfiguration);
            if (places.ProjectConfiguration is { } project) { parsed.InvocationConfiguration.Output.WriteLine(project); }
            return ExitCodes.Done;
        });
        return command;
    }

    private static IEnumerable<Setting> Named(Configuration configuration, string name)
    {
        if (ConfigurationKeys.Find(name + ":0") is { IsListItem: true })
        {
            return configuration.Texts(name).Select((item, index) => new Setting($"{name}:{index}", item, configuration.SourceOf($"{name}:{index}")));
        }

        if (ConfigurationKeys.Find(name) is null)
        {
            throw new PosthouseException(ErrorCodes.OptionsInvalid, ConfigurationCheck.Unknown(name, ConfigurationKeys.IsList(name)));
        }

        return configuration.Text(name) is { } value ? [new Setting(ConfigurationKeys.Spell(ConfigurationKeys.Find(name)!, name), value, configuration.SourceOf(name))] : [];
    }

    /// <summary>What is given, and every key that is not with its default; a list without an item by its own name.</summary>
    private static IEnumerable<Setting> Rows(Configuration configuration)
    {
        var given = configuration.Given.ToLookup(setting => ConfigurationKeys.Find(setting.Name)!.Name);
        var lists = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in ConfigurationKeys.All)
        {
            if (given.Contains(key.Name))
            {
                foreach (var setting in given[key.Name]) { yield return setting; }
            }
            else if (key.Name.IndexOf('*', StringComparison.Ordinal) is > 0 and var at)
            {
                var list = key.Name[..(at - 1)];
                IReadOnlyList<string> items = key.IsListItem && at == key.Name.Length - 1 ? configuration.Texts(list) : [];
                foreach (var (index, item) in items.Index()) { yield return new Setting($"{list}:{index}", item, "default"); }
                if (items.Count == 0 && configuration.Items(list) == 0 && lists.Add(list)) { yield return new Setting(list, "", "default"); }
            }
            else
            {
                yield return new Setting(key.Name, key.Default ?? "", "default");
            }
        }
    }

    private static TextTable Table(List<Setting> rows, bool showsOrigin)
    {
        var table = showsOrigin ? new TextTable("Key", "Value", "From") : new TextTable("Key", "Value");
        foreach (var row in rows) { table.Add(showsOrigin ? [row.Name, row.Value, row.Source] : [row.Name, row.Value]); }
        return table;
    }

    private static void Write(Utf8JsonWriter json, IEnumerable<Setting> rows)
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

    private static int Tell(ParseResult parsed, string status, Action<Utf8JsonWriter> data)
    {
        parsed.InvocationConfiguration.Output.WriteLine(new Envelope(CommandLine.Verb(parsed), status, ExitCodes.Done) { Data = data }.Text());
        return ExitCodes.Done;
    }
}
