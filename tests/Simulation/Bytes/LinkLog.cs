namespace Redlock.Fast.Simulation;

/// <summary>What was written to one link: whole commands, the handshake first, each once and in its order.</summary>
internal sealed class LinkLog(ByteLink link, FrameBook frames)
{
    private readonly FrameReader _written = new();
    private readonly Dictionary<string, int> _placeByKey = [];
    private readonly List<string> _toBeRepeated = [];
    private readonly HashSet<string> _refused = [];
    private readonly List<long> _replyEnds = [];
    private int _handshake = -1;
    private bool _isLoading;

    /// <summary>Whether it is one that hears what is published.</summary>
    public bool HasSubscribed { get; private set; }

    /// <summary>The client writes.</summary>
    public void NoteWritten(ReadOnlySpan<byte> bytes)
    {
        List<string[]>? commands = _written.Read(bytes);
        if (commands is null)
        {
            link.World.Fail(Invariant.FramesAreInOrder, $"{link.Name}: what is written is no command");
            return;
        }

        foreach (string[] command in commands)
        {
            HasSubscribed |= command[0] == "SUBSCRIBE";
            if (SimulatedRequest.IsMadeOf(command))
            {
                Check(SimulatedRequest.Of(command));
            }

            _isLoading = command[0] == "SCRIPT";
        }

        // The handshake goes out in one write, and nothing with it.
        _handshake = _handshake < 0 ? commands.Count : _handshake;
    }

    /// <summary>The node answers; once so many bytes can be read, all of it has come.</summary>
    public void NoteReply(long end) => _replyEnds.Add(end);

    /// <summary>The node refuses to run a script by its digest, or at all: the request comes again, in other words.</summary>
    /// <returns>False if it has come again already: it is repeated once.</returns>
    public bool NoteRefused(SimulatedRequest request)
    {
        _toBeRepeated.Add(request.Words);
        return _refused.Add(request.Words);
    }

    private void Check(SimulatedRequest request)
    {
        if (_handshake < 0 || _replyEnds.Count < _handshake || link.ReadableBytes < _replyEnds[_handshake - 1])
        {
            link.World.Fail(Invariant.HandshakeComesFirst, $"{link.Name}: {request.Words} goes out before the handshake is done");
        }

        frames.CheckMayBeSent(request, link.Name);
        bool mayRepeat = request.Arguments[0] == "EVAL" || _isLoading;
        if (mayRepeat && _toBeRepeated.Remove(request.Words))
        {
            return;
        }

        int place = frames.PlaceBehind(request, _placeByKey.GetValueOrDefault(request.Key));
        if (place == 0)
        {
            link.World.Fail(Invariant.FramesAreInOrder, $"{link.Name}: {request.Words} goes out behind what was taken after it, or twice");
        }

        _placeByKey[request.Key] = place;
    }
}
