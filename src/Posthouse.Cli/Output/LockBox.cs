using System.Globalization;
using Posthouse.Vcs.Locks;

namespace Posthouse.Cli.Output;

/// <summary>One lock for people: a box padded by display width, and whose it is. In ASCII where the terminal has no more.</summary>
internal static class LockBox
{
    /// <summary>The longest label and its colon.</summary>
    private const int LabelWidth = 11;

    /// <summary>A narrower box would look different for each lock.</summary>
    private const int LeastWidth = 48;

    /// <summary>A wider row is cut; the JSON has all of it.</summary>
    private const int MostWidth = 96;

    private const int Red = 31;
    private const int Green = 32;
    private const int Yellow = 33;

    /// <summary>The lines of the box and the sentences under it.</summary>
    public static IEnumerable<string> Lines(LockFace face, Terminal terminal)
    {
        var rows = Rows(face, terminal).Select(row => Row(row.Label, row.Value, terminal)).ToList();
        var title = Cut(TextTable.Clean("Lock: " + Named(face.Path), terminal.Unicode), terminal);
        var width = Math.Max(LeastWidth, rows.Append(title).Max(DisplayWidth.Of));
        var (across, down) = terminal.Unicode ? ('─', "│") : ('-', "|");
        var line = new string(across, width + 2);
        yield return terminal.Unicode ? $"┌{line}┐" : $"+{line}+";
        yield return Framed(title);
        yield return terminal.Unicode ? $"├{line}┤" : $"+{line}+";
        foreach (var (index, row) in rows.Index())
        {
            yield return index == 0 ? Coloured(Framed(row), face, terminal) : Framed(row);
        }

        yield return terminal.Unicode ? $"└{line}┘" : $"+{line}+";
        if (face.View.IsHeld) { yield return face.View.IsMine ? "  You own this lock" : "  Locked by another user"; }

        string Framed(string text) => $"{down} {text}{new string(' ', width - DisplayWidth.Of(text))} {down}";
    }

    /// <summary>The mark and word of where a lock stands.</summary>
    public static string Standing(LockFace face, Terminal terminal) => (face.View.Standing, face.IsStale, terminal.Emoji) switch
    {
        (LockStanding.Held, true, true) => "◐ Stale",
        (LockStanding.Held, true, _) => "[~] Stale",
        (LockStanding.Held, _, true) => "● Locked",
        (LockStanding.Held, _, _) => "[*] Locked",
        (LockStanding.Expired, _, true) => "○ Expired",
        (LockStanding.Expired, _, _) => "[o] Expired",
        (LockStanding.Unreadable, _, true) => "● Locked by a newer version of this program",
        (LockStanding.Unreadable, _, _) => "[*] Locked by a newer version of this program",
        (_, _, true) => "● Unlocked",
        _ => "[ ] Unlocked",
    };

    /// <summary>How a resource is called.</summary>
    public static string Named(string path) => path == ResourceKey.WholeProject ? "the whole project" : path;

    private static IEnumerable<(string Label, string Value)> Rows(LockFace face, Terminal terminal)
    {
        yield return ("Status", Standing(face, terminal));
        if (face.Record is not { } record) { yield break; }

        yield return (face.View.IsHeld ? "Holder" : "Last held", record.Owner.Named);
        yield return ("Acquired", $"{Ages.Utc(record.AcquiredAt)} ({Ages.Ago(record.AcquiredAt, face.FarNow)})");
        foreach (var row in face.View.IsHeld ? HeldRows(face, record) : PastRows(face, record)) { yield return row; }
        if (record.Message is { } message) { yield return ("Message", message); }
        if (record.Base is { } held) { yield return ("From", $"{held.Branch} at {Short(held.Commit)}"); }
        if (face.View.IsHeld) { yield return ("Lock ID", record.LockId); }
    }

    private static IEnumerable<(string Label, string Value)> HeldRows(LockFace face, LockRecord record)
    {
        if (face.View.Remaining is { } left)
        {
            yield return ("Expires", Ages.Utc(record.ExpiresAt));
            yield return ("Last seen", Ages.Ago(record.RenewedAt, face.FarNow));
            yield return ("Remaining", left > TimeSpan.Zero ? Ages.Left(left) : "none");
        }

        if (face.View is { Standing: LockStanding.Expired, IsMine: false, TakeoverFrom: { } from })
        {
            yield return ("Free", from <= face.Now ? "now: 'posthouse lock acquire' takes it over" : Ages.Ahead(from, face.Now));
        }
    }

    private static IEnumerable<(string Label, string Value)> PastRows(LockFace face, LockRecord record)
    {
        yield return (record.State == LockState.Broken ? "Broken" : "Released",
            Ages.Ago(record.RenewedAt, face.FarNow) + (record.By is { } by ? $" by {by.Named}" : ""));
        if (record.Reason is { } reason) { yield return ("Reason", reason); }
    }

    private static string Short(string commit) => commit.Length > 10 ? commit[..10] : commit;

    private static string Row(string label, string value, Terminal terminal) =>
        Cut(string.Create(CultureInfo.InvariantCulture, $"{(label + ":").PadRight(LabelWidth)} {TextTable.Clean(value, terminal.Unicode)}"), terminal);

    /// <summary>Letters are whole: a cut never falls inside of one.</summary>
    private static string Cut(string text, Terminal terminal)
    {
        if (DisplayWidth.Of(text) <= MostWidth) { return text; }

        var end = terminal.Unicode ? "…" : "...";
        var (width, length) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            width += DisplayWidth.Of(rune);
            if (width > MostWidth - end.Length) { break; }
            length += rune.Utf16SequenceLength;
        }

        return text[..length] + end;
    }

    private static string Coloured(string line, LockFace face, Terminal terminal)
    {
        if (!terminal.Colour) { return line; }

        var text = Standing(face, terminal);
        var colour = face.View.Standing switch
        {
            LockStanding.Held when !face.IsStale => Red,
            LockStanding.Held or LockStanding.Expired => Yellow,
            LockStanding.Unreadable => Red,
            _ => Green,
        };
        return line.Replace(text, string.Create(CultureInfo.InvariantCulture, $"\e[{colour}m{text}\e[0m"), StringComparison.Ordinal);
    }
}
