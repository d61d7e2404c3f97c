using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// The nodes whose votes are not believed: the second address of one server, and a server that has restarted too recently.
/// </summary>
/// <remarks>
/// A server's own word stands in front of its votes: its connection learns who it is before any other reply is handed on. So a vote is
/// never judged by what was known of the server before.
/// </remarks>
internal sealed class Doubts : IDisposable
{
    // As long as any lock may be kept.
    private static readonly TimeSpan _longestQuarantine = TimeSpan.FromDays(24);

    private readonly Gate _gate = new();
    private readonly RespChannel[] _nodes;
    private readonly QuorumClock _clock;
    private readonly NodeTroubles _troubles;
    private readonly Restarts _restarts;
    private readonly TimeSpan _quarantine;
    private readonly Doubt?[] _doubts;
    private uint _doubted;

    public Doubts(RespChannel[] nodes, QuorumClock clock, NodeTroubles troubles, TimeSpan quarantine, int factory)
    {
        _restarts = new Restarts(nodes.Length, factory);
        _nodes = nodes;
        _clock = clock;
        _troubles = troubles;
        _quarantine = quarantine;
        _doubts = new Doubt?[nodes.Length];
        foreach (RespChannel node in nodes)
        {
            node.Introduced += Look;
        }

        Look();
    }

    /// <exception cref="ArgumentOutOfRangeException">It is negative, or longer than any expiry.</exception>
    public static TimeSpan Checked(TimeSpan quarantine) =>
        quarantine >= TimeSpan.Zero && quarantine <= _longestQuarantine
            ? quarantine
            : throw new ArgumentOutOfRangeException(
                nameof(quarantine), quarantine, $"{nameof(RedlockOptions.RestartQuarantine)} must be between zero and 24 days.");

    /// <summary>Whether there is any; asked for each vote.</summary>
    public bool AreAny => Volatile.Read(ref _doubted) != 0;

    /// <summary>Whether a node's vote does not count.</summary>
    /// <param name="node">The node.</param>
    /// <param name="vote">What it said.</param>
    /// <param name="use">What it is said to.</param>
    /// <param name="outcome">What counts in its place.</param>
    public bool TryDoubt(int node, NodeVote vote, VoteUse use, out NodeOutcome outcome)
    {
        outcome = default;
        if ((Volatile.Read(ref _doubted) & (1u << node)) == 0 || Volatile.Read(ref _doubts[node]) is not { } doubt)
        {
            return false;
        }

        if (doubt.TwinOf is null && (use != VoteUse.Acquisition || vote != NodeVote.Granted))
        {
            return false;
        }

        long left = doubt.UntilTicks - _clock.NowTicks;
        if (left <= 0)
        {
            Look();
            return false;
        }

        outcome = doubt.OutcomeOf(_nodes[node].Name, _clock.Time.GetElapsedTime(0, left));
        _troubles.NoteDoubt(node, doubt.Trouble, outcome.Error!);
        return true;
    }

    /// <summary>What is known of each node's server now.</summary>
    public NodeBelief[] Told()
    {
        NodeBelief[] told = new NodeBelief[_nodes.Length];
        for (int node = 0; node < told.Length; node++)
        {
            string name = _nodes[node].Name;
            told[node] = new NodeBelief(name) { Server = _nodes[node].Server, RestartsUnderLocks = _restarts.UnderLocks(node) };
            if (Volatile.Read(ref _doubts[node]) is { } doubt && doubt.UntilTicks - _clock.NowTicks is > 0 and long left)
            {
                NodeOutcome outcome = doubt.OutcomeOf(name, _clock.Time.GetElapsedTime(0, left));
                told[node] = told[node] with { Doubt = outcome.Cause, Words = outcome.Error };
            }
        }

        return told;
    }

    public void Dispose()
    {
        foreach (RespChannel node in _nodes)
        {
            node.Introduced -= Look;
        }
    }

    /// <summary>Servers have been made known, or doubts are over.</summary>
    private void Look()
    {
        uint begun = 0;
        using (_gate.Enter())
        {
            uint doubted = 0;
            for (int node = 0; node < _nodes.Length; node++)
            {
                Doubt? doubt = LookAt(node);
                begun |= doubt is not null && !doubt.IsLike(_doubts[node]) ? 1u << node : 0;
                doubted |= doubt is not null ? 1u << node : 0;
                Volatile.Write(ref _doubts[node], doubt);
            }

            Volatile.Write(ref _doubted, doubted);
        }

        for (int node = 0; begun != 0; node++, begun >>= 1)
        {
            if ((begun & 1) != 0 && Volatile.Read(ref _doubts[node]) is { } doubt)
            {
                LockMetrics.CountDoubt(_nodes[node].Name, doubt.Trouble);
            }
        }
    }

    private Doubt? LookAt(int node)
    {
        if (_nodes[node].Server is not { } server)
        {
            return null;
        }

        if (_quarantine == TimeSpan.Zero)
        {
            _restarts.Note(node, server);
        }

        for (int other = 0; other < node; other++)
        {
            if (server.RunId is not null && server.RunId == _nodes[other].Server?.RunId)
            {
                return new Doubt { TwinOf = _nodes[other].Name, RunId = server.RunId, UntilTicks = long.MaxValue };
            }
        }

        if (_quarantine == TimeSpan.Zero || server.Uptime is null)
        {
            return null;
        }

        long until = server.StartedByTicks + (long)(_quarantine.TotalSeconds * _clock.Time.TimestampFrequency);
        return until <= _clock.NowTicks ? null : new Doubt { UntilTicks = until, RunId = server.RunId, Quarantine = _quarantine };
    }
}
