using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Redlock.Fast.Resp;

/// <summary>
/// Sends on the calling thread what the kernel takes at once, and the rest on a thread of its own: no caller waits for a node that has
/// stopped reading.
/// </summary>
/// <remarks>
/// The socket stays a blocking one. One party writes at a time, and not before what it wrote last is flushed; the thread is there only
/// while there is a rest. Its continuation runs on that thread, so that a starved thread pool delays nothing.
/// </remarks>
internal sealed class SocketSender(Socket socket) : IValueTaskSource<FlushResult>
{
    // It holds the socket calls, and the connection's look for more to send.
    private const int StackBytes = 256 * 1024;

    // A node that is slow once is slow again soon: a thread a write would cost more than the thread.
    private static readonly TimeSpan _linger = TimeSpan.FromSeconds(1);

    private readonly Gate _gate = new();
    private byte[] _rest = [];
    private int _restStart;
    private int _restEnd;
    private RestState _state;
    private Exception? _failure;
    private Action<object?>? _continuation;
    private object? _continuationState;
    private bool _hasThread;
    private short _version;

    private enum RestState : byte
    {
        None = 0,
        Waiting,
        Done,
    }

    /// <summary>Whether a thread sends a rest, or waits a while for another.</summary>
    public bool HasThread => Volatile.Read(ref _hasThread);

    /// <summary>Sends what the kernel takes, and keeps a copy of the rest, behind a rest that is there already.</summary>
    /// <exception cref="IOException">The transport failed.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_restEnd == 0)
        {
            bytes = bytes[socket.SendNow(bytes)..];
        }

        if (!bytes.IsEmpty)
        {
            Keep(bytes);
        }
    }

    /// <summary>Completes when the kernel has all that was written.</summary>
    public ValueTask<FlushResult> FlushAsync()
    {
        if (_restEnd == 0)
        {
            return default;
        }

        using (_gate.Enter())
        {
            Debug.Assert(_state == RestState.None, "one party writes at a time");
            _state = RestState.Waiting;
            _version++;
            if (_hasThread)
            {
                _gate.Pulse();
            }
            else
            {
                _hasThread = true;
                new Thread(Serve, StackBytes) { IsBackground = true, Name = "Redlock.Fast sender" }.UnsafeStart();
            }

            return new ValueTask<FlushResult>(this, _version);
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        using (_gate.Enter())
        {
            Debug.Assert(token == _version && _state == RestState.Done, "awaited once, when it is done");
            _state = RestState.None;
        }

        return _failure is null ? default : throw new IOException(_failure.Message, _failure);
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token)
    {
        using (_gate.Enter())
        {
            return _state == RestState.Waiting ? ValueTaskSourceStatus.Pending
                : _failure is null ? ValueTaskSourceStatus.Succeeded
                : ValueTaskSourceStatus.Faulted;
        }
    }

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        using (_gate.Enter())
        {
            if (_state == RestState.Waiting)
            {
                (_continuation, _continuationState) = (continuation, state);
                return;
            }
        }

        // Done meanwhile. Not by way of the pool, which may be starved.
        continuation(state);
    }

    private void Serve()
    {
        while (AwaitRest())
        {
            try
            {
                while (_restStart < _restEnd)
                {
                    _restStart += socket.Send(_rest.AsSpan(_restStart, _restEnd - _restStart));
                }
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                _failure = failure;
            }

            Action<object?>? continuation;
            object? continuationState;
            using (_gate.Enter())
            {
                // A TLS session may have written something of its own accord behind the rest.
                if (_failure is null && _restStart < _restEnd)
                {
                    continue;
                }

                _restStart = _restEnd = 0;
                _state = RestState.Done;
                (continuation, continuationState) = (_continuation, _continuationState);
                (_continuation, _continuationState) = (null, null);
            }

            continuation?.Invoke(continuationState);
        }
    }

    /// <returns>False if none came for so long that the thread has to go.</returns>
    private bool AwaitRest()
    {
        using (_gate.Enter())
        {
            while (_state != RestState.Waiting)
            {
                if (!_gate.Wait(_linger) && _state != RestState.Waiting)
                {
                    _hasThread = false;
                    _rest = _restEnd == 0 ? [] : _rest;
                    return false;
                }
            }

            return true;
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        // The thread frees the buffer when it goes.
        using (_gate.Enter())
        {
            if (_rest.Length - _restEnd < bytes.Length)
            {
                Array.Resize(ref _rest, Math.Max(_restEnd + bytes.Length, _rest.Length * 2));
            }

            bytes.CopyTo(_rest.AsSpan(_restEnd));
            _restEnd += bytes.Length;
        }
    }
}
