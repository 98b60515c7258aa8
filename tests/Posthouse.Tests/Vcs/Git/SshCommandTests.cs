using Posthouse.Vcs.Git;
using Shouldly;
using Xunit;

namespace Posthouse.Tests.Vcs.Git;

public sealed class SshCommandTests
{
    [Theory]
    [InlineData(null, null, null, "ssh")]
    [InlineData("ssh -i one", "ssh -i two", "/three", "ssh -i one")]
    [InlineData(null, "ssh -i two", "/three", "ssh -i two")]
    [InlineData(null, "/usr/bin/ssh -v", null, "/usr/bin/ssh -v")]
    [InlineData(null, "\"C:\\Program Files\\Git\\usr\\bin\\SSH.EXE\" -v", null, "\"C:\\Program Files\\Git\\usr\\bin\\SSH.EXE\" -v")]
    [InlineData(null, null, "/opt/my ssh/ssh", "'/opt/my ssh/ssh'")]
    [InlineData("plink -batch", null, null, null)]
    [InlineData(null, "sshpass -e ssh", null, null)]
    [InlineData(null, null, "/opt/wrap.sh", null)]
    public void The_persons_own_command_gets_the_options_where_it_is_ssh(string? command, string? configured, string? program, string? expected)
    {
        var made = SshCommand.Of(name => name == "GIT_SSH_COMMAND" ? command : name == "GIT_SSH" ? program : null, configured);

        made.ShouldBe(expected is null ? null : expected + " -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=10 -o ServerAliveCountMax=3");
    }
}
