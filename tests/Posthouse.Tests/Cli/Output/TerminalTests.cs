using Posthouse.Cli.Output;

namespace Posthouse.Tests.Cli.Output;

public sealed class TerminalTests
{
    [Fact]
    public void A_person_in_front_of_a_modern_terminal_gets_everything()
    {
        var terminal = Decide(("LANG", "en_US.UTF-8"), ("TERM", "xterm"));

        (terminal.Colour, terminal.Unicode, terminal.Emoji, terminal.IsInteractive).ShouldBe((true, true, true, true));
        terminal.DoneMark.ShouldBe("✓");
    }

    [Fact]
    public void No_color_takes_colour_and_nothing_else()
    {
        var terminal = Decide(("NO_COLOR", "1"));

        (terminal.Colour, terminal.Unicode, terminal.IsInteractive).ShouldBe((false, true, true));
    }

    [Fact]
    public void A_plain_locale_gets_ascii()
    {
        var terminal = Decide(("LANG", "en_US.UTF-8"), ("LC_ALL", "C"));

        (terminal.Unicode, terminal.DoneMark, terminal.FailedMark, terminal.WarningMark, terminal.NoteMark).ShouldBe((false, "[ok]", "[failed]", "[!]", "[i]"));
    }

    [Fact]
    public void A_pipe_gets_neither_colour_nor_questions()
    {
        var terminal = Terminal.Decide(_ => null, inputIsRedirected: false, outputIsRedirected: true);

        (terminal.Colour, terminal.IsInteractive).ShouldBe((false, false));
    }

    [Fact]
    public void A_dumb_terminal_gets_words() => Decide(("TERM", "dumb")).ShouldBe(new Terminal { Colour = false, Unicode = true, Emoji = false, IsInteractive = false });

    private static Terminal Decide(params (string Name, string Value)[] variables) =>
        Terminal.Decide(name => Array.Find(variables, variable => variable.Name == name).Value, inputIsRedirected: false, outputIsRedirected: false);
}
