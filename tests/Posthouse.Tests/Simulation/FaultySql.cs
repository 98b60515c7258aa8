using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;
using Posthouse.Tests.Simulation.Kernel;

namespace Posthouse.Tests.Simulation;

/// <summary>The statements of a node: one in many meets a full or failing disk, and a planted bug may have rewritten its text.</summary>
internal sealed class FaultySql(QueueWorld world, SimNode node, ICommitDatabase database) : ISqlWrite
{
    // A group has about ten statements: errors inside it are as frequent as errors at its end.
    private const double PerStatement = 0.1;

    private readonly Dictionary<string, string> _rewritten = new(StringComparer.Ordinal);

    public List<T> Query<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args) => database.Sql.Query(Prepare(sql), map, args);

    public T? QueryFirst<T>(string sql, Func<IRow, T> map, params ReadOnlySpan<SqlValue> args) => database.Sql.QueryFirst(Prepare(sql), map, args);

    public long Scalar(string sql, params ReadOnlySpan<SqlValue> args) => database.Sql.Scalar(Prepare(sql), args);

    public int Execute(string sql, params ReadOnlySpan<SqlValue> args)
    {
        var changed = database.Sql.Execute(Prepare(sql), args);
        if (changed > 0 && ReferenceEquals(sql, DueRows.ClampWaits))
            node.Sim.Reach("wait cut after the clock went back");
        return changed;
    }

    public long Insert(string sql, params ReadOnlySpan<SqlValue> args) => database.Sql.Insert(Prepare(sql), args);

    private string Prepare(string sql)
    {
        if (Fails(Fault.StoreFull))
            throw new PosthouseException(ErrorCodes.StoreFull, "The disk is full in the middle of a group (simulated).");
        if (Fails(Fault.StoreError))
            throw new StoreIoException(ErrorCodes.StoreUnavailable, "A page cannot be read or written (simulated).");
        if (world.Bug.Rewrite is not { } rewrite)
            return sql;
        if (!_rewritten.TryGetValue(sql, out var text))
            _rewritten.Add(sql, text = rewrite(sql));
        return text;
    }

    private bool Fails(Fault fault)
    {
        if (!node.Sim.Chance(node.Sim.Faults[fault] * PerStatement))
            return false;
        node.Sim.Reach($"fault {fault} inside a group");
        world.Disturbed(node);
        return true;
    }
}
