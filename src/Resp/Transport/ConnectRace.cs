using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>
/// Tries the addresses of a name side by side, each a moment after the one before it; the first that connects wins (RFC 8305).
/// </summary>
/// <remarks>An address that swallows connections costs the moment, not the limit of the whole dial.</remarks>
internal sealed class ConnectRace : IDisposable
{
    // A thread each; a name may have hundreds of addresses.
    private const int MostAtOnce = 8;

    // RFC 8305, section 5: the connection attempt delay.
    private static readonly TimeSpan _headStart = TimeSpan.FromMilliseconds(250);

    private readonly Gate _gate = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly CancellationTokenSource _over = new();
    private readonly IPAddress[] _addresses;
    private readonly Func<IPAddress, CancellationToken, Socket> _connect;
    private readonly Exception?[] _failures;
    private Socket? _winner;
    private int _winnerIndex;
    private bool _isOver;

    /// <param name="addresses">Two or more, in the order in which they are tried.</param>
    /// <param name="connect">Blocks until one is connected, or cancelled.</param>
    public ConnectRace(IPAddress[] addresses, Func<IPAddress, CancellationToken, Socket> connect)
    {
        _addresses = addresses;
        _connect = connect;
        _failures = new Exception?[addresses.Length];
    }

    /// <summary>Blocks until one is connected, all have failed, or it is cancelled; called once.</summary>
    public Socket Run(string name, CancellationToken cancellationToken, out IPAddress from)
    {
        int started = 0;
        while (true)
        {
            int running = started - CountFailures();
            if (started < _addresses.Length && running < MostAtOnce)
            {
                int index = started++;
                running++;
                NodeThread.Start(() => Attempt(index), $"dial of {name}");
            }
            else if (running == 0)
            {
                throw new IOException(
                    $"{name}: TCP connect failed at each of its {_addresses.Length} addresses: {Describe()}", _failures[^1]);
            }

            bool mayStartMore = started < _addresses.Length && running < MostAtOnce;
            _news.Wait(mayStartMore ? _headStart : Timeout.InfiniteTimeSpan, cancellationToken);
            using (_gate.Enter())
            {
                if (_winner is { } winner)
                {
                    _winner = null;
                    from = _addresses[_winnerIndex];
                    return winner;
                }
            }
        }
    }

    /// <summary>Ends the attempts that go on still.</summary>
    public void Dispose()
    {
        using (_gate.Enter())
        {
            _isOver = true;
            _winner?.Dispose();
            _winner = null;
        }

        // Neither this source nor the semaphore is disposed: the attempts look at them until they end.
        _over.Cancel();
    }

    private void Attempt(int index)
    {
        Exception? failure = null;
        Socket? socket = null;
        try
        {
            socket = _connect(_addresses[index], _over.Token);
        }
        catch (Exception refusal)
        {
            failure = refusal;
        }

        using (_gate.Enter())
        {
            _failures[index] = failure;
            if (socket is not null && (_isOver || _winner is not null))
            {
                socket.Dispose();
            }
            else if (socket is not null)
            {
                _winner = socket;
                _winnerIndex = index;
            }
        }

        _news.Release();
    }

    private int CountFailures()
    {
        using (_gate.Enter())
        {
            return _failures.AsSpan().Length - _failures.AsSpan().Count((Exception?)null);
        }
    }

    private string Describe()
    {
        StringBuilder text = new();
        for (int i = 0; i < _failures.Length; i++)
        {
            text.Append(i == 0 ? "" : "; ").Append(_addresses[i]).Append(": ").Append(_failures[i]!.Message);
        }

        return text.ToString();
    }
}
