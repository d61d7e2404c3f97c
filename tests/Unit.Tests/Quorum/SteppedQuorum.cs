using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>The order in which nodes take their next step.</summary>
public enum StepOrder
{
    InTurn = 0,
    OneNodeAfterAnother,
    LastNodeFirst,
}

/// <summary>Nodes that keep keys, each executing and answering one frame a step, when the test says so.</summary>
internal sealed class SteppedQuorum(int nodes, StepOrder order) : IDisposable
{
    private readonly ScriptedQuorum _quorum = new(nodes);
    private readonly Dictionary<string, string>[] _keys = [.. Enumerable.Range(0, nodes).Select(_ => new Dictionary<string, string>())];
    private readonly int[] _executed = new int[nodes];
    private int _turn;

    public RedlockFactory Factory => _quorum.Factory;

    public RedlockMutex Mutex(MutexOptions options) => _quorum.Mutex(options);

    public void Hold(int node, string key, string owner) => _keys[node][key] = owner;

    public void Forget(string key, string owner)
    {
        foreach (Dictionary<string, string> keys in _keys)
        {
            if (keys.GetValueOrDefault(key) == owner)
            {
                keys.Remove(key);
            }
        }
    }

    public bool IsHeldBySomebodyElse(string key, string owner) =>
        _keys.Any(keys => keys.TryGetValue(key, out string? value) && value != owner);

    /// <summary>Has one node execute and answer one frame.</summary>
    /// <returns>False if all is executed.</returns>
    public bool TryStep()
    {
        for (int offset = 0; offset < nodes; offset++)
        {
            int node = order switch
            {
                StepOrder.InTurn => (_turn + offset) % nodes,
                StepOrder.OneNodeAfterAnother => offset,
                _ => nodes - 1 - offset,
            };
            if (_executed[node] < _quorum.Nodes[node].Sent.Count)
            {
                _turn = node + 1;
                Execute(node);
                return true;
            }
        }

        return false;
    }

    public void StepToTheEnd()
    {
        while (TryStep())
        {
        }
    }

    public void Advance(TimeSpan time) => _quorum.Clock.Advance(time);

    public void Dispose() => _quorum.Dispose();

    private void Execute(int node)
    {
        int index = _executed[node]++;
        ScriptedFrame frame = _quorum.Nodes[node].Sent[index];
        string reply = Run(_keys[node], frame.Arguments);
        if (frame.Request.Handler is not null)
        {
            _quorum.Nodes[node].Reply(index, reply);
        }
    }

    private static string Run(Dictionary<string, string> keys, string[] command)
    {
        switch (command)
        {
            case ["SET", var key, var owner, ..]:
                return keys.TryAdd(key, owner) ? ScriptedQuorum.Ok : ScriptedQuorum.Nil;
            case ["EVALSHA", var script, "2", var key, _, var owner, ..] when script == RedlockScripts.Take.Sha1:
                return keys.TryAdd(key, owner) ? ScriptedQuorum.Ok : ":7000\r\n";
            case ["EVALSHA", _, "2", _, _, _]:
                return Run(keys, [command[0], command[1], "1", command[3], command[5]]);
            case ["EVALSHA", var script, "1", var key, var owner, ..]:
                if (!keys.TryGetValue(key, out string? value))
                {
                    return ScriptedQuorum.NothingThere;
                }

                if (value != owner)
                {
                    return ScriptedQuorum.Someone;
                }

                if (script == RedlockScripts.Release.Sha1)
                {
                    keys.Remove(key);
                }

                return ScriptedQuorum.Done;
            default:
                throw new InvalidOperationException($"No node here knows {string.Join(' ', command)}.");
        }
    }
}
