using Posthouse.Storage;

namespace Posthouse.Cli.Hosting;

/// <summary>Sets one key in a configuration file. Whatever is wrong is said before anything is written.</summary>
internal static class ConfigurationEdit
{
    private const string Source = "config set";

    /// <summary>Writes the value into the file, which is made, with its folder, where it is missing.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="isProject">Whether it is a project's.</param>
    /// <param name="key">The key; an item of a list by its number.</param>
    /// <param name="value">The text of the value; an empty one for a list empties it.</param>
    /// <returns>The setting as it is read from the file now, with its line.</returns>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: the key, the value or what stands in the file; STORE_UNAVAILABLE: it cannot be written.</exception>
    public static Setting Set(string file, bool isProject, string key, string value)
    {
        var isList = ConfigurationKeys.IsList(key);
        if (ConfigurationCheck.Complaint(new GivenValue(key, value, Source, isProject)) is { } complaint) { throw Invalid(complaint); }

        var known = ConfigurationKeys.Find(key);
        var name = known is null ? key : ConfigurationKeys.Spell(known, key);
        ConfigurationFile.Read(file, isProject);
        try
        {
            var place = Durable.Canonical(file);
            var exists = File.Exists(place);
            var after = JsonEdit.Set(exists ? File.ReadAllBytes(place) : "{\n}\n"u8, name, isList ? "[]" : JsonEdit.Literal(known!.Form, value));
            var setting = ReadBack(after, file, isProject, name, isList);
            if (!exists) { Durable.CreatePrivateDirectory(Path.GetDirectoryName(place)!); }
            Durable.WriteAllBytesAtomically(place, after, modeOf: exists ? place : isProject ? Path.GetDirectoryName(place) : null);
            return setting;
        }
        catch (FormatException misfit)
        {
            throw Invalid($"{file}: {misfit.Message}", misfit);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PosthouseException(ErrorCodes.StoreUnavailable, $"{file} cannot be written ({error.Message}). Nothing was changed.", error);
        }
    }

    /// <summary>The proof before the write: the text that the edit made says what was asked for, and says it once.</summary>
    private static Setting ReadBack(byte[] json, string file, bool isProject, string name, bool isList)
    {
        var given = ConfigurationFile.Parse(json, file, isProject).FirstOrDefault(given => given.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return given is not null && given.Value is null == isList
            ? new Setting(name, given.Value ?? "", given.Source)
            : throw new PosthouseException(ErrorCodes.OptionsInvalid, $"{file} is laid out in a way that {name} cannot be set in; change it by hand. Nothing was changed.");
    }

    private static PosthouseException Invalid(string message, Exception? inner = null) => new(ErrorCodes.OptionsInvalid, message, inner);
}
