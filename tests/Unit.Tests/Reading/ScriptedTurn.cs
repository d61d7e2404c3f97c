using System.Net.Sockets;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>A turn of reading a connection whose server sends what a test sends.</summary>
internal sealed class ScriptedTurn : RespReadTurn, IDisposable
{
    private readonly Socket _reader;
    private readonly Socket _writer;
    private readonly ReadSignal _signal;
    private readonly byte[] _bytes = new byte[1];

    public ScriptedTurn()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        _writer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _writer.Connect(listener.LocalEndPoint!);
        _reader = listener.Accept();
        _signal = new ReadSignal(_reader);
    }

    public bool IsFree { get; set; } = true;

    /// <summary>Whether anybody has wished for it.</summary>
    public bool IsAsked { get; private set; }

    public bool HidesSignal { get; init; }

    public bool Ends { get; set; }

    /// <summary>Called behind each read.</summary>
    public Action OnRead { get; set; } = static () => { };

    /// <summary>What was called, in its order.</summary>
    public List<string> Calls { get; } = [];

    public override ReadSignal? Signal => HidesSignal ? null : _signal;

    public override bool IsOver => Ends;

    public override bool TryTake()
    {
        bool wasFree = IsFree;
        IsFree = false;
        IsAsked = true;
        return wasFree;
    }

    public void Send() => _writer.Send([1]);

    public override void Begin() => Calls.Add("begin");

    public override bool Poll(TimeSpan time) => throw new NotSupportedException();

    public override void Read()
    {
        Calls.Add("read");
        Assert.Equal(1, _reader.Receive(_bytes));
        OnRead();
    }

    public override void GiveBack(Unread unread)
    {
        Assert.False(IsFree);
        IsFree = true;
        Calls.Add(unread.ToString());
    }

    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
    }
}
