namespace Posthouse.Tests.Mesh.Simulation;

/// <summary>One connection. Frames of one direction arrive in the order in which they were sent, as TCP has it.</summary>
internal sealed class SimWire(int number, SimPeer dialler, SimPeer listener)
{
    private readonly TimeSpan[] _arrival = new TimeSpan[2];
    private readonly SimLane?[] _lanes = new SimLane?[2];

    public int Number => number;

    public SimPeer Dialler => dialler;

    public SimPeer Listener => listener;

    public int DiallerLife { get; } = dialler.Life;

    public int ListenerLife { get; } = listener.Life;

    /// <summary>Which ends still have it open.</summary>
    public bool[] IsOpen { get; } = [true, true];

    /// <summary>What one end has to send while the other is slow.</summary>
    public SimLane LaneOf(SimPeer peer) => _lanes[EndOf(peer)] ??= new();

    /// <summary>Whether nothing waits at one end.</summary>
    public bool IsIdle(SimPeer peer) => _lanes[EndOf(peer)] is null or { IsEmpty: true };

    public int EndOf(SimPeer peer) => peer == dialler ? 0 : 1;

    public SimPeer Other(SimPeer peer) => peer == dialler ? listener : dialler;

    public bool IsAlive(SimPeer peer) => peer.Life == (peer == dialler ? DiallerLife : ListenerLife) && peer.Node is not null;

    /// <summary>Whether somebody is at the end that is not this one.</summary>
    public bool Leads(SimPeer from) => Other(from) is var other && IsAlive(other) && IsOpen[EndOf(other)];

    /// <summary>When a frame sent by an end arrives, not before those that were sent before it.</summary>
    public TimeSpan Arrive(int end, TimeSpan at) => _arrival[end] = at > _arrival[end] ? at : _arrival[end] + TimeSpan.FromTicks(1);
}
