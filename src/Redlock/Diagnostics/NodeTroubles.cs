using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Tells of nodes that are connected and give no votes: of each kind of trouble once a node and stretch of time.</summary>
/// <remarks>
/// Every vote that fails passes here, also those that came too late to count: a node that a quorum never waits for is in trouble all the
/// same.
/// </remarks>
internal sealed class NodeTroubles(RespChannel[] nodes, QuorumClock clock, LockEvents events)
{
    private const int Kinds = (int)NodeTrouble.Quarantined + 1;

    // Who reads it wants to know that it goes on, not how often.
    private static readonly TimeSpan _stretch = TimeSpan.FromSeconds(30);

    private readonly long[] _quietUntil = new long[nodes.Length * Kinds];

    public void NoteRefusal(int node, in RespReply error)
    {
        if (MayTell(node, NodeTrouble.Refused))
        {
            RespChannel channel = nodes[node];
            events.TellTroubled(channel.Name, NodeTrouble.Refused, channel.Excerpt(error.Bytes));
        }
    }

    /// <summary>A node that is not connected, or was disposed, is no news of this kind: its connection tells of that itself.</summary>
    public void NoteFailure(int node, RequestFailure failure)
    {
        NodeTrouble trouble;
        switch (failure)
        {
            case RequestFailure.TimedOut or RequestFailure.Silent:
                trouble = NodeTrouble.Unanswered;
                break;
            case RequestFailure.QueueFull:
                trouble = NodeTrouble.Overasked;
                break;
            default:
                return;
        }

        if (MayTell(node, trouble))
        {
            RespChannel channel = nodes[node];
            events.TellTroubled(channel.Name, trouble, channel.Describe(failure));
        }
    }

    /// <summary>Of that node nobody is woken; it votes all the same.</summary>
    public void NoteRefusedWakes(int node, string words)
    {
        if (MayTell(node, NodeTrouble.WakesRefused))
        {
            events.TellTroubled(nodes[node].Name, NodeTrouble.WakesRefused, words);
        }
    }

    /// <summary>Its votes are not believed.</summary>
    public void NoteDoubt(int node, NodeTrouble doubt, string words)
    {
        if (MayTell(node, doubt))
        {
            events.TellTroubled(nodes[node].Name, doubt, words);
        }
    }

    private bool MayTell(int node, NodeTrouble trouble)
    {
        if (!events.WantsTroubles)
        {
            return false;
        }

        ref long quietUntil = ref _quietUntil[(node * Kinds) + (int)trouble];
        long until = Volatile.Read(ref quietUntil);
        long now = clock.NowTicks;
        long next = now + (long)(_stretch.TotalSeconds * clock.Time.TimestampFrequency);
        return now >= until && Interlocked.CompareExchange(ref quietUntil, next, until) == until;
    }
}
