using Npgsql;
using NpgsqlTypes;
using Posthouse.Storage.Commit;

namespace Posthouse.Postgres.Bulk;

/// <summary>
/// The three things that happen to every job (admitted, leased, arrived), each for a whole group in a few statements on arrays.
/// Whatever is out of the ordinary is left to <c>Storage/Jobs</c>, row by row.
/// </summary>
internal sealed class PostgresBulk(PostgresDatabase database, PostgresCommitDatabase groups) : IBulk
{
    /// <summary>By place alone: asked for the state too, the planner reads the index of open rows from end to end, which it takes for small.</summary>
    private const string Take = "UPDATE job SET state = 1, gate = NULL, claims = claims + 1, instance = $2, lease_until = $3 WHERE seq = ANY($1)";

    public void Begin(Group group)
    {
        group.Totals.Begin(groups.Totals.Open, groups.Totals.Bytes, groups.Totals.FileBytes);
        if (groups.TakenIn > 0)
        {
            group.Changed(groups.TakenIn);
        }
    }

    public void Prepare(Group group, IReadOnlyList<IOperation> operations)
    {
        BulkAdmission.Run(database, group, [.. operations.OfType<EnqueueOperation>().Where(operation => operation.IsMergeable)]);
        BulkSettling.Run(database, group, [.. operations.OfType<SettleOperation>().Where(operation => operation.IsMergeable)]);
    }

    public void Forget(IReadOnlyList<IOperation> operations)
    {
        foreach (var operation in operations)
        {
            switch (operation)
            {
                case EnqueueOperation enqueue:
                    enqueue.IsAdmitted = false;
                    break;
                case SettleOperation settle:
                    settle.Settled = null;
                    break;
                default:
                    break;
            }
        }
    }

    public void Lease(Group group, string instance, long until, List<long> rows)
    {
        Arrays.Read(database, Take, _ => { }, Arrays.Of(NpgsqlDbType.Bigint, rows.ToArray()), Arrays.One(NpgsqlDbType.Text, instance), Arrays.One(NpgsqlDbType.Bigint, until));
        group.Changed(position: 0);
    }
}

/// <summary>Statements whose arguments are arrays: one element a row.</summary>
internal static class Arrays
{
    public static NpgsqlParameter Of<T>(NpgsqlDbType type, T[] values) => new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };

    public static NpgsqlParameter One<T>(NpgsqlDbType type, T value) => new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type };

    /// <summary>Runs a statement and reads each row that it answers with.</summary>
    public static void Read(PostgresDatabase database, string sql, Action<NpgsqlDataReader> row, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        using var command = new NpgsqlCommand(sql, database.Connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        database.Guarded(() =>
        {
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                row(reader);
            }

            return true;
        });
    }
}
