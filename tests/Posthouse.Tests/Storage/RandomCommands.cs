using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Storage;

namespace Posthouse.Tests.Storage;

/// <summary>
/// Commands as one seed gives them. Every choice is drawn before the command is given to a store, so that it is the same for
/// both; names come from small sets, so that jobs meet in lanes, keys and edges.
/// </summary>
internal sealed class RandomCommands(int seed, ManualTimeProvider time)
{
    private static readonly string[] s_destinations = ["", "x", "y", "z"];
    private readonly Random _random = new(seed);
    private int _lastId;

    public (string Name, Func<StoreInRun, Task<string>> Command) Next()
    {
        switch (_random.Next(22))
        {
            case < 6: return Enqueue();
            case < 10:
                var (instance, max) = (_random.Next(2), _random.Next(1, 5));
                return ($"claim {instance} {max}", s => s.ClaimAsync(instance, max));
            case < 15: return Settle();
            case < 18: return Decide();
            case 18: return Pass();
            case 19:
                var holder = _random.Next(2);
                return ($"renew {holder}", s => s.RenewAsync(holder));
            case 20: return Sweep();
            default:
                var leaver = _random.Next(2);
                return _random.Next(2) == 0 ? ($"lose {leaver}", s => s.LoseProcessAsync(leaver)) : ($"leave {leaver}", s => s.LeaveAsync(leaver));
        }
    }

    private (string, Func<StoreInRun, Task<string>>) Enqueue()
    {
        JobDraft[] drafts = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Draft())];
        return ($"enqueue {string.Join(',', drafts.Select(d => d.Id.Value))}", s => EnqueueAsync(s, drafts));
    }

    private static async Task<string> EnqueueAsync(StoreInRun run, JobDraft[] drafts)
    {
        foreach (var file in drafts.SelectMany(draft => draft.Files))
        {
            await run.Store.StageAsync(file);
        }

        return string.Join(' ', (await run.Store.EnqueueAsync(drafts)).Select(a => $"{a.Id}:{a.Kind}"));
    }

    private JobDraft Draft()
    {
        // Now and then an id that exists, with the payload it had or another one.
        var number = _lastId > 0 && _random.Next(10) == 0 ? _random.Next(1, _lastId + 1) : ++_lastId;
        var payload = _random.Next(40) == 0 ? new byte[_random.Next(100, 300)] : System.Text.Encoding.UTF8.GetBytes($"{number}");
        return new JobDraft(JobId.Parse($"j{number}"), "mail.send", _random.Next(12) == 0 ? 2 : 1, payload, "{}"u8.ToArray())
        {
            Destination = s_destinations[_random.Next(s_destinations.Length)],
            Lane = Maybe(3, "l", "m"),
            DeduplicationKey = Maybe(4, "k", "n"),
            OnDuplicate = (OnDuplicate)_random.Next(3),
            Owner = Maybe(3, "o", "p"),
            After = _lastId > 1 && _random.Next(4) == 0 ? [AnyId(), AnyId()] : [],
            WhenDead = (WhenDead)_random.Next(3),
            Priority = _random.Next(3),
            NotBefore = _random.Next(6) == 0 ? time.GetUtcNow().AddSeconds(_random.Next(0, 100)) : null,
            ExpiresAt = _random.Next(6) == 0 ? time.GetUtcNow().AddSeconds(_random.Next(0, 200)) : null,
            Files = _random.Next(10) == 0 ? [new StoredFile(new string('a', 64), 60)] : [],
        };
    }

    private (string, Func<StoreInRun, Task<string>>) Settle()
    {
        var kind = (SettlementKind)_random.Next(5);
        var settlement = new Settlement(kind)
        {
            Result = kind is SettlementKind.Done ? "{\"n\":1}"u8.ToArray() : null,
            Failure = _random.Next(3) == 0 || kind is SettlementKind.Done or SettlementKind.Return
                ? null
                : new Failure((FailureKind)_random.Next(1, 8), "it failed") { StatusCode = _random.Next(2) == 0 ? 500 : null },
            Delay = TimeSpan.FromSeconds(_random.Next(3) * 20),
            Counted = _random.Next(2) == 0,
            Reason = kind is SettlementKind.Dead ? (DeadReason)_random.Next(1, 7) : null,
        };
        var pick = _random.Next(4);
        return ($"settle {pick} {kind} {settlement.Reason}", s => s.SettleAsync(pick, settlement));
    }

    private (string, Func<StoreInRun, Task<string>>) Decide()
    {
        var id = AnyId();
        var destination = _random.Next(2) == 0 ? null : s_destinations[_random.Next(s_destinations.Length)];
        JobCommand command = _random.Next(22) switch
        {
            < 4 => new JobCommand.Cancel(id),
            < 9 => new JobCommand.Retry(id),
            < 12 => new JobCommand.RetryEdited(id, Draft()),
            < 15 => new JobCommand.Discard(id),
            < 17 => new JobCommand.Release(HoldReason.Credentials, destination),
            17 => new JobCommand.Release(HoldReason.UnknownType),
            18 => new JobCommand.Reached(destination ?? "x"),
            19 => new JobCommand.Pause(destination),
            20 => new JobCommand.Resume(destination),
            _ => new JobCommand.Clear(_random.Next(3) == 0),
        };
        return ($"{command.GetType().Name} {id} {destination}", DecideAsync);

        async Task<string> DecideAsync(StoreInRun run)
        {
            var answer = await run.Store.DecideAsync(command);
            return $"{answer.Changed} {answer.Cancel} {answer.Id}";
        }
    }

    private (string, Func<StoreInRun, Task<string>>) Pass()
    {
        var by = TimeSpan.FromSeconds(_random.Next(1, 80));
        time.Advance(by);
        if (_random.Next(8) == 0)
        {
            time.JumpWallClock(TimeSpan.FromSeconds(_random.Next(-100, 100)));
        }

        return ($"pass {by}", LookAsync);

        static async Task<string> LookAsync(StoreInRun run)
        {
            await run.Store.DecideAsync(new JobCommand.Reached("nowhere"));
            return "";
        }
    }

    private (string, Func<StoreInRun, Task<string>>) Sweep()
    {
        var (owner, position, keep) = (_random.Next(2) == 0 ? "o" : "p", _random.Next(200), TimeSpan.FromSeconds(_random.Next(300)));
        return ($"acknowledge {owner} {position}, sweep {keep}", SweepAsync);

        async Task<string> SweepAsync(StoreInRun run)
        {
            await run.Store.AcknowledgeAsync(owner, position);
            return $"{await run.Store.SweepAsync(keep)}";
        }
    }

    private JobId AnyId() => JobId.Parse($"j{_random.Next(Math.Max(1, _lastId - 25), Math.Max(2, _lastId + 1))}");

    private string? Maybe(int of, string first, string second) => _random.Next(of) switch
    {
        0 => first,
        1 => second,
        _ => null,
    };
}
