using System.CommandLine;
using Posthouse.Cli.Output;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Hosting;

/// <summary>Which locks a look shows, and from where.</summary>
/// <param name="All">Those that nobody holds, too.</param>
/// <param name="Mine">Only this clone's.</param>
/// <param name="Expired">Only those whose lease is over.</param>
internal sealed record LockFilters(bool All, bool Mine, bool Expired)
{
    private static readonly Option<bool> _all = new("--all") { Description = "Shows also what nobody holds now" };
    private static readonly Option<bool> _mine = new("--mine") { Description = "Shows only the locks of this clone" };
    private static readonly Option<bool> _expired = new("--expired") { Description = "Shows only locks whose lease is over" };
    private static readonly Option<bool> _cached = new("--cached") { Description = "Shows what was known last, without asking anybody" };
    private static readonly Option<bool> _watch = new("--watch") { Description = "Goes on showing what changes, until Ctrl+C" };

    /// <summary>Gives a verb the options.</summary>
    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[_all, _mine, _expired, _cached, _watch]) { command.Options.Add(option); }
    }

    public static LockFilters Of(ParseResult parsed) => new(parsed.GetValue(_all), parsed.GetValue(_mine), parsed.GetValue(_expired));

    /// <summary>Whether nobody is to be asked.</summary>
    public static bool IsCached(ParseResult parsed) => parsed.GetValue(_cached) || parsed.GetValue(VcsFlags.OfflineOption);

    /// <summary>Whether the look goes on.</summary>
    /// <exception cref="PosthouseException">OPTIONS_INVALID: what is remembered does not change by being looked at.</exception>
    public static bool IsWatched(ParseResult parsed) => parsed.GetValue(_watch) && (IsCached(parsed)
        ? throw new PosthouseException(ErrorCodes.OptionsInvalid, "--watch asks the remote again and again, which --cached and --offline exclude.")
        : true);

    /// <summary>Whether any of them narrows or widens the look.</summary>
    public bool IsGiven => All || Mine || Expired;

    /// <summary>Those of the locks that are wanted, by path.</summary>
    public List<LockFace> Of(IEnumerable<LockFace> faces) =>
    [
        .. faces.Where(face => (All || face.View.IsHeld || face.View.Standing == LockStanding.Unreadable)
            && (!Mine || (face.View.IsMine && face.View.IsHeld)) && (!Expired || face.View.Standing == LockStanding.Expired))
            .OrderBy(face => face.Path, StringComparer.Ordinal),
    ];
}
