using System.Buffers;
using System.IO.Pipelines;

namespace Redlock.Fast.Simulation;

/// <summary>
/// One transport between a client and a node: bytes in order both ways, in pieces, late, until somebody closes it or it breaks.
/// </summary>
internal sealed partial class ByteLink
{
    // So small that replies lie across several.
    private const int SmallSegment = 16;

    private readonly SeededRandom _random;
    private readonly NodeSession _session;
    private readonly Pipe _inbound;
    private readonly ArrayBufferWriter<byte> _arrived = new();
    private int _arrivedRead;
    private long _lastToNode;
    private long _lastToClient;
    private long _stalledUntil;
    private bool _isEager;
    private bool _isLost;
    private bool _hasEndArrived;
    private bool _isInboundOver;

    public ByteLink(World world, SimulatedClient client, SimulatedNode node, FrameBook frames, int number, SeededRandom random)
    {
        World = world;
        Client = client;
        Name = $"{client.Name} to {node.Name}, dial {number}";
        _random = random;
        Output = new LinkWriter(this);
        Log = new LinkLog(this, frames);
        _inbound = new Pipe(new PipeOptions(
            readerScheduler: PipeScheduler.Inline,
            writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: 0,
            minimumSegmentSize: world.Plan.Has(Fault.Pieces) ? SmallSegment : -1,
            useSynchronizationContext: false));
        _session = new NodeSession(this, node, frames, random.Fork(RandomStream.Node));
        LastRead = world.Now;
    }

    public World World { get; }

    public SimulatedClient Client { get; }

    public string Name { get; }

    public PipeReader Input => _inbound.Reader;

    public LinkWriter Output { get; }

    /// <summary>What was written, and whether it might be.</summary>
    public LinkLog Log { get; }

    /// <summary>How many bytes the client could read.</summary>
    public long ReadableBytes { get; private set; }

    /// <summary>When the client could read something last.</summary>
    public long LastRead { get; private set; }

    /// <summary>Nothing is carried any more, and nobody knows.</summary>
    public bool IsMute { get; private set; }

    /// <summary>The client has closed it.</summary>
    public bool IsClosed { get; private set; }

    public bool IsBroken { get; private set; }

    /// <summary>Since when the client could know that it is over; the end of time if it can't.</summary>
    public long OverSince { get; private set; } = long.MaxValue;

    public bool IsOver => IsClosed || IsBroken;

    /// <summary>How much the transport takes of a write.</summary>
    public int TakesOf(int bytes) => World.IsOn(Fault.SlowWrites) && _random.Chance(0.3) ? (int)_random.Below(bytes) : bytes;

    /// <summary>The transport goes on with what it has not taken.</summary>
    public void TakeLater(Action take)
    {
        long longest = _random.Chance(0.1) ? World.Plan.ExpiryNanoseconds : World.Plan.Latency;
        World.At(World.Now + _random.Below(longest), take);
    }

    /// <summary>Bytes on their way to the node.</summary>
    public void Carry(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || IsMute || IsOver)
        {
            return;
        }

        _isEager = World.IsOn(Fault.EagerReplies) && _lastToNode <= World.Now && _lastToClient <= World.Now && !Client.IsPaused
            && _random.Chance(0.2);
        if (_isEager)
        {
            ArriveAtNode(bytes.ToArray());
            _isEager = false;
        }
        else
        {
            foreach (byte[] piece in Pieces(bytes))
            {
                _lastToNode = NextArrival(_lastToNode);
                World.At(_lastToNode, () => ArriveAtNode(piece));
            }
        }

        StrikeSometimes();
        Client.HoldUpSometimes();
    }

    /// <summary>The node says something.</summary>
    public void Say(ReadOnlySpan<byte> bytes)
    {
        if (_isEager)
        {
            ArriveAtClient(bytes.ToArray());
            return;
        }

        foreach (byte[] piece in Pieces(bytes))
        {
            _lastToClient = NextArrival(_lastToClient);
            World.At(_lastToClient, () => ArriveAtClient(piece));
        }
    }

    /// <summary>The node says nothing any more: behind what it has said comes the end.</summary>
    public void HangUp()
    {
        _lastToClient = NextArrival(_lastToClient);
        World.At(_lastToClient, () =>
        {
            _hasEndArrived = true;
            OverSince = Math.Min(OverSince, World.Now);
            Client.Post(World.Now, Read);
        });
    }

    /// <summary>The client closes it. A first part of what is on its way to the node still arrives.</summary>
    public void Close()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            OverSince = Math.Min(OverSince, World.Now);
            Output.End(new ObjectDisposedException(Name));
            Client.Post(World.Now + Client.Hop(), () => EndInbound(new ObjectDisposedException(Name)));
            _lastToNode = NextArrival(_lastToNode);
            World.At(_lastToNode, _session.Leave);
        }
    }

    /// <summary>It breaks: both sides hear of it, and lose what was on its way.</summary>
    public void Break(string why)
    {
        if (!IsOver)
        {
            World.Note(Client.Name, "link breaks", $"{Name}: {why}");
            IsBroken = true;
            OverSince = Math.Min(OverSince, World.Now);
            Output.End(new IOException(why));
            Client.Post(World.Now, () => EndInbound(new IOException(why)));
            World.At(World.Now + Latency(), _session.Leave);
        }
    }

    public void Mute()
    {
        World.Note(Client.Name, "link is mute", Name);
        IsMute = true;
    }

    public void Heal()
    {
        _stalledUntil = World.Now;
        if (IsMute)
        {
            Break("the link was mute");
        }
    }

}
