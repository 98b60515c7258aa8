using Posthouse.Dispatch;
using Posthouse.Queue;

namespace Posthouse.Hosting;

/// <summary>How a process keeps and runs jobs.</summary>
public sealed class PosthouseOptions
{
    /// <summary>The database's file; null: jobs live in memory and end with the process, which is for tests.</summary>
    public string? Database { get; set; }

    /// <summary>The folder for files of jobs. Default: <c>vault</c> beside the database.</summary>
    public string? Vault { get; set; }

    /// <summary>What the queue takes at most.</summary>
    public QueueLimits Limits { get; set; } = new();

    /// <summary>How jobs are run.</summary>
    public DispatchOptions Dispatch { get; set; } = new();

    /// <summary>Whether this process runs jobs, or only enqueues and looks. Default true.</summary>
    public bool Dispatches { get; set; } = true;
}
