using System.Text.Json;
using Posthouse.Cli.Commands;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Vcs.Locks;

namespace Posthouse.Tests.Cli.Output;

public sealed class LockBoxTests
{
    private static readonly DateTimeOffset _now = new(2026, 2, 5, 10, 48, 0, TimeSpan.Zero);

    private static readonly Terminal _full = new() { Colour = false, Unicode = true, Emoji = true, IsInteractive = false };

    private static readonly Terminal _plain = new() { Colour = false, Unicode = false, Emoji = false, IsInteractive = false };

    [Fact]
    public void A_lock_of_another_says_who_and_until_when() => Box(Face(), _full).ShouldBe("""
        ┌─────────────────────────────────────────────────────────────────────┐
        │ Lock: Song.logicx                                                   │
        ├─────────────────────────────────────────────────────────────────────┤
        │ Status:     ● Locked                                                │
        │ Holder:     john@laptop (John Kim)                                  │
        │ Acquired:   2026-02-05 10:00:00Z (48m ago)                          │
        │ Expires:    2026-02-05 14:00:00Z                                    │
        │ Last seen:  3m ago                                                  │
        │ Remaining:  3h 12m                                                  │
        │ Message:    strings                                                 │
        │ Lock ID:    0192f0c1a5b44a0f8f1e0d2c3b4a5968-and-some-more-of-an-id │
        └─────────────────────────────────────────────────────────────────────┘
          Locked by another user
        """.ReplaceLineEndings("\n"));

    [Fact]
    public void In_ascii_nothing_else_is_written_and_the_frame_stays_straight()
    {
        var lines = Box(Face(view => view with { IsMine = true }, record => record with { Message = "Übergänge für 日本" }), _plain).Split('\n');

        lines.ShouldAllBe(line => line.All(char.IsAscii));
        lines[3].ShouldStartWith("| Status:     [*] Locked ");
        lines[..^1].Select(line => line.Length).Distinct().Count().ShouldBe(1);
        lines[^1].ShouldBe("  You own this lock");
    }

    [Fact]
    public void Two_people_of_one_machine_are_told_apart()
    {
        LockFace[] faces = [Face(), Face(change: record => record with { Owner = record.Owner with { Name = "Ann Lee" } })];
        var lines = LockListCommand.Lines(new LockLook("", faces, []), faces, _full);

        lines[2].ShouldContain("john@laptop (John Kim)");
        lines[3].ShouldContain("john@laptop (Ann Lee)");
        LockText.Conflict(Face(), ResourceKey.Of("Song.logicx"), _full, path => path).Error!.Message.ShouldBe("'Song.logicx' locked by john@laptop (John Kim) until 2026-02-05 14:00:00Z");
    }

    [Fact]
    public void Wide_letters_count_two_cells()
    {
        var lines = Box(Face(change: record => record with { Path = "歌/ミックス.logicx", Message = "e\u0301tude" }), _full).Split('\n');

        lines[..^1].Select(DisplayWidth.Of).Distinct().Count().ShouldBe(1);
        lines[1].ShouldContain("歌/ミックス.logicx");
    }

    [Fact]
    public void A_long_message_is_cut_between_letters()
    {
        var lines = Box(Face(change: record => record with { Message = string.Concat(Enumerable.Repeat("🎹", 80)) }), _full).Split('\n');

        lines[..^1].Select(DisplayWidth.Of).Distinct().Count().ShouldBe(1);
        lines.ShouldContain(line => line.Contains("🎹… ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(LockStanding.Held, "● Locked", "held")]
    [InlineData(LockStanding.Expired, "○ Expired", "expired")]
    [InlineData(LockStanding.Released, "● Unlocked", "released")]
    [InlineData(LockStanding.Broken, "● Unlocked", "broken")]
    [InlineData(LockStanding.Free, "● Unlocked", "released")]
    public void Each_standing_has_its_mark_and_its_word(LockStanding standing, string mark, string word)
    {
        var state = standing switch { LockStanding.Released => LockState.Released, LockStanding.Broken => LockState.Broken, _ => LockState.Held };
        var face = Face(view => view with { Standing = standing, Record = standing == LockStanding.Free ? null : view.Record }, record => record with { State = state });

        Box(face, _full).ShouldContain(mark);
        face.Word.ShouldBe(word);
    }

    [Fact]
    public void A_holder_whose_heartbeat_is_overdue_is_stale()
    {
        var face = Face(change: record => record with { HeartbeatSeconds = 60 });

        face.IsStale.ShouldBeTrue();
        Box(face, _full).ShouldContain("◐ Stale");
    }

    [Fact]
    public void Only_the_state_is_coloured_and_the_frame_does_not_move()
    {
        var plain = Box(Face(), _full).Split('\n');
        var coloured = Box(Face(), _full with { Colour = true }).Split('\n');

        coloured[3].ShouldBe(plain[3].Replace("● Locked", "\e[31m● Locked\e[0m", StringComparison.Ordinal));
        coloured.Where((_, index) => index != 3).ShouldBe(plain.Where((_, index) => index != 3));
    }

    [Fact]
    public void A_stranger_cannot_steer_the_terminal() =>
        Box(Face(change: record => record with { Message = "hi\e[2J\nthere\u202e" }), _full).ShouldNotContain("\e");

    [Fact]
    public void The_json_has_state_holder_and_utc_times()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) { LockJson.Write(json, Face(change: record => record with { ExpiresAt = record.ExpiresAt.ToOffset(TimeSpan.FromHours(9)) })); }
        using var document = JsonDocument.Parse(buffer.ToArray());
        var root = document.RootElement;

        root.GetProperty("state").GetString().ShouldBe("held");
        root.GetProperty("holder").GetProperty("shown").GetString().ShouldBe("john@laptop");
        root.GetProperty("expires_at").GetString().ShouldBe("2026-02-05T14:00:00Z");
        root.GetProperty("remaining_s").GetInt64().ShouldBe(11_520);
        root.GetProperty("is_mine").GetBoolean().ShouldBeFalse();
    }

    private static string Box(LockFace face, Terminal terminal) => string.Join('\n', LockBox.Lines(face, terminal));

    private static LockFace Face(Func<LockView, LockView>? view = null, Func<LockRecord, LockRecord>? change = null)
    {
        var owner = new LockOwner("John Kim", "john@example.org", "john", "laptop", "m1", "c1");
        var record = new LockRecord
        {
            Path = "Song.logicx",
            State = LockState.Held,
            LockId = "0192f0c1a5b44a0f8f1e0d2c3b4a5968-and-some-more-of-an-id",
            Epoch = 3,
            Seq = 9,
            OpId = "acquire-1",
            Owner = owner,
            AcquiredAt = _now.AddMinutes(-48),
            RenewedAt = _now.AddMinutes(-3),
            TtlSeconds = 14_400,
            ExpiresAt = _now.AddMinutes(192),
            Message = "strings",
            Client = "posthouse 1",
        };
        record = change?.Invoke(record) ?? record;
        var seen = new LockView(ResourceKey.Of(record.Path), new VersionToken("v"), record, LockStanding.Held) { Remaining = TimeSpan.FromMinutes(192) };
        return new LockFace(view?.Invoke(seen) ?? seen, _now);
    }
}
