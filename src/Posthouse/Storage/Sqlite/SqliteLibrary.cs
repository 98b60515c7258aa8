using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Posthouse.Storage.Sqlite;

/// <summary>
/// Chooses, once in a process, which native SQLite serves: the one that <c>POSTHOUSE_SQLITE</c> names, else the newer of
/// the one bundled with the application and the system's. A system's library is often patched later than a bundle is built.
/// </summary>
internal static class SqliteLibrary
{
    /// <summary>3.35.0: the first version with RETURNING, which the statements use.</summary>
    private const int OldestServed = 3_035_000;

    private const string Variable = "POSTHOUSE_SQLITE";
    private const string Bundled = "e_sqlite3";

    /// <summary>The names under which systems carry it. All are tried, so that nobody has to ask which system this is.</summary>
    private static readonly string[] SystemNames = ["libsqlite3.so.0", "libsqlite3.dylib"];

    private static readonly Lazy<Choice> Chosen = new(Choose);

    /// <summary>The version in use, for example <c>3.40.1</c>.</summary>
    public static string Version => Chosen.Value.Version;

    /// <summary>Where it came from: a path, <c>bundled</c>, or the system's library name.</summary>
    public static string Source => Chosen.Value.Source;

    /// <summary>Makes the choice if it was not made yet. Everything that touches SQLite calls this first.</summary>
    /// <exception cref="PosthouseException"><c>STORE_UNAVAILABLE</c>: no usable library.</exception>
    public static void Use() => _ = Chosen.Value;

    private static Choice Choose()
    {
        var provider = typeof(SQLite3Provider_e_sqlite3).Assembly;
        var best = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? Named(path) : Newest(provider);
        var source = best.Source;
        try
        {
            NativeLibrary.SetDllImportResolver(provider, (name, _, _) => name == Bundled ? best.Handle : 0);
        }
        catch (InvalidOperationException)
        {
            source = "chosen by the application"; // It set a resolver of its own before us, and that one stands.
        }

        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        raw.FreezeProvider(); // Microsoft.Data.Sqlite would set a provider again when an application's transaction opens it.
        return new Choice(raw.sqlite3_libversion().utf8_to_string(), source);
    }

    private static Candidate Named(string path)
    {
        if (!NativeLibrary.TryLoad(path, out var handle))
            throw Unavailable($"{Variable} names {path}, which cannot be loaded.");
        var version = VersionOf(handle);
        return version >= OldestServed
            ? new Candidate(handle, version, path)
            : throw Unavailable($"{Variable} names {path}, which is SQLite {Spell(version)}.");
    }

    private static Candidate Newest(Assembly provider)
    {
        Candidate best = default;
        if (NativeLibrary.TryLoad(Bundled, provider, null, out var bundle))
            best = new Candidate(bundle, VersionOf(bundle), "bundled");
        foreach (var name in SystemNames)
        {
            if (!NativeLibrary.TryLoad(name, out var handle))
                continue;
            var version = VersionOf(handle);
            if (version > best.Version)
                best = new Candidate(handle, version, name);
            break;
        }

        if (best.Version >= OldestServed)
            return best;
        throw Unavailable(best.Version == 0 ? "No SQLite library was found." : $"The newest SQLite here is {Spell(best.Version)}.");
    }

    private static unsafe int VersionOf(nint library) =>
        NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out var function) ? ((delegate* unmanaged[Cdecl]<int>)function)() : 0;

    private static string Spell(int version) =>
        string.Create(CultureInfo.InvariantCulture, $"{version / 1_000_000}.{version / 1_000 % 1_000}.{version % 1_000}");

    private static PosthouseException Unavailable(string what) => new(
        ErrorCodes.StoreUnavailable,
        $"{what} SQLite {Spell(OldestServed)} or newer is needed: install the system's libsqlite3, or set {Variable} to the path of one.");

    /// <summary>A class, because generic code over a tuple is compiled anew at start, which a short verb would feel.</summary>
    private sealed record Choice(string Version, string Source);

    private readonly record struct Candidate(nint Handle, int Version, string Source);
}
