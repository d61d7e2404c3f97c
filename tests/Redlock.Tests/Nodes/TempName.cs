using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>What a name leads to at this moment.</summary>
internal sealed class TempName
{
    private int _port;
    private int _dials;

    public TempName(int port)
    {
        _port = port;
        Dialer = Dialer.From("redis.test:6379", token =>
        {
            Interlocked.Increment(ref _dials);
            return new TcpDialer("127.0.0.1", Volatile.Read(ref _port)).DialAsync(token);
        });
    }

    public Dialer Dialer { get; }

    public int Dials => Volatile.Read(ref _dials);

    public void MoveTo(int port) => Volatile.Write(ref _port, port);
}
