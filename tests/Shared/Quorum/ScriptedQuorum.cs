using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.SharedTests;

/// <summary>A factory over scripted channels under a clock that stands still.</summary>
internal sealed class ScriptedQuorum : IDisposable
{
    public const string Ok = "+OK\r\n";
    public const string Nil = "$-1\r\n";
    public const string Done = ":1\r\n";
    public const string NothingThere = ":0\r\n";
    public const string Someone = ":-1\r\n";

    public ScriptedQuorum(int nodes, RedlockOptions? options = null)
    {
        // Zero as a timestamp is "no deadline known" in a token, so the clock must not stand at it.
        Clock.Advance(TimeSpan.FromHours(1));
        Nodes = new ScriptedChannel[nodes];
        for (int node = 0; node < nodes; node++)
        {
            Nodes[node] = new ScriptedChannel($"node{node}", Clock);
        }

        Factory = new RedlockFactory(Nodes, [], new OwnerIdSource(), Random.Shared, queue: null, options);
    }

    public ManualTimeProvider Clock { get; } = new();

    public ScriptedChannel[] Nodes { get; }

    public RedlockFactory Factory { get; }

    /// <summary>A mutex that goes on inline, so that a reply's consequences are there when the reply has been given.</summary>
    public RedlockMutex Mutex(MutexOptions? options = null) =>
        Factory.CreateMutex("door", (options ?? MutexOptions.NonBlocking) with { Continuation = ContinuationMode.Inline });

    /// <summary>Answers the newest frame of each node.</summary>
    public void ReplyAll(string wire)
    {
        foreach (ScriptedChannel node in Nodes)
        {
            node.Reply(node.Sent.Count - 1, wire);
        }
    }

    public void Dispose() => Factory.Dispose();
}
