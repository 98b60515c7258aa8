using System.Net.Sockets;
using System.Text;

namespace Posthouse.Cli.Hosting;

/// <summary>Tells systemd, or who speaks its protocol, how far the server is: one datagram to the socket that it named (sd_notify, man 3).</summary>
internal static class SupervisorNotice
{
    /// <summary>The variable with the socket's path; an at sign stands for the zero byte of an abstract name.</summary>
    public const string Variable = "NOTIFY_SOCKET";

    /// <summary>Everything is loaded, and requests are answered.</summary>
    public static void Ready(string address) => Send($"READY=1\nSTATUS=Serving {address}");

    /// <summary>It ends.</summary>
    public static void Stopping() => Send("STOPPING=1\nSTATUS=Ending; running jobs get 20 s");

    /// <summary>Nothing is told where nobody asked; a supervisor that does not listen any more is no reason to fail.</summary>
    private static void Send(string message)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 1 } name || name[0] is not ('/' or '@')) { return; }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(message), new UnixDomainSocketEndPoint(name[0] is '@' ? "\0" + name[1..] : name));
        }
        catch (SocketException)
        {
            // It waits for its own time then, and says so.
        }
    }
}
