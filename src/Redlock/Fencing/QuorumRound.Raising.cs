using Redlock.Fast.Resp;

namespace Redlock.Fast;

// A second frame behind those of the round, to the nodes that have granted it or may still do so.
internal sealed partial class QuorumRound
{
    // The tickets of the frames before.
    private RespTicket[]? _taken;
    private uint _unsentBefore;

    /// <summary>Makes the room for <see cref="BeginRaise"/>, while it is known that there may be one.</summary>
    public void PrepareRaise() => _taken ??= new RespTicket[_tickets.Length];

    /// <summary>Fresh votes; those of nodes that have refused or failed stand.</summary>
    /// <returns>A bit for each node that is to be asked.</returns>
    public uint BeginRaise(int quorum)
    {
        uint asked = 0;
        _generation++;
        _tickets.CopyTo(_taken!, 0);
        _unsentBefore = _unsent;
        _unsent = 0;
        _tally = new QuorumTally(_outcomes.Length, quorum);
        for (int node = 0; node < _outcomes.Length; node++)
        {
            _tickets[node] = default;
            if (_outcomes[node].Vote is NodeVote.Granted or NodeVote.NotAwaited)
            {
                asked |= 1u << node;
                _outcomes[node] = new NodeOutcome(_nodes.Channels[node].Name, NodeVote.NotAwaited, null);
            }
            else
            {
                _tally.TryCast(node, _outcomes[node].Vote);
            }
        }

        return asked;
    }

    /// <summary>Sends the second frame.</summary>
    public void SendRaise(QuorumOperation operation, in RoundRequest request, uint asked, long deadlineTicks)
    {
        WriteFrame(_template = request.Template, request.Owner);
        Send(operation, operation, FirstTag, request.Priority, deadlineTicks, asked);
    }

    /// <summary>What comes behind the round goes to every node that took either frame: the first one is what has to be undone.</summary>
    public void EndRaise()
    {
        _unsent = _unsentBefore;
        for (int node = 0; node < _tickets.Length; node++)
        {
            if (!_tickets[node].IsTaken)
            {
                _tickets[node] = _taken![node];
            }
        }
    }
}
