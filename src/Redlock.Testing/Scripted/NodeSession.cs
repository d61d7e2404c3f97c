using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>One served connection: reads what has come, has every complete command of it answered, sends all replies at once.</summary>
/// <remarks>
/// What it pushes unasked goes out between two such rounds, so that nothing of it can come before a reply that was decided before it.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Nobody asks the semaphore for its wait handle, so there is nothing to dispose of.")]
internal abstract class NodeSession(IDuplexPipe transport, TimeProvider clock, CancellationToken life) : IThreadPoolWorkItem
{
    // Held from the first command of a round until its replies are sent.
    private readonly SemaphoreSlim _round = new(1, 1);
    private readonly ArrayBufferWriter<byte> _pushes = new();
    private int _isPushQueued;

    private readonly ArrayBufferWriter<byte> _replies = new();
    private readonly ArrayBufferWriter<byte> _unheard = new();
    private readonly InMemoryRequest _request = new();
    private InMemoryRequestReader _reader = new();
    private State _state = State.Open;
    private TimeSpan _delay;
    private int _delayedFrom;

    private enum State
    {
        /// <summary>Nothing more is read; what was answered so far is sent.</summary>
        Ended = 0,

        /// <summary>Commands are answered.</summary>
        Open,

        /// <summary>Nothing is answered any more: a reply behind a missing one would be taken for it.</summary>
        Silent,
    }

    /// <summary>Where the reply to the present command goes: to the client, or, once the connection is silent, nowhere.</summary>
    protected IBufferWriter<byte> Replies
    {
        get
        {
            if (_state != State.Silent)
            {
                return _replies;
            }

            _unheard.ResetWrittenCount();
            return _unheard;
        }
    }

    protected bool IsSilent => _state == State.Silent;

    public void Start() => WithoutContext.Start(static session => _ = session.ServeAsync(), this);

    /// <summary>Has what is to be pushed sent soon, on another thread.</summary>
    public void QueuePushes()
    {
        if (Interlocked.Exchange(ref _isPushQueued, 1) == 0)
        {
            Schedule();
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = PushAsync();

    /// <summary>Whether the connection was dropped from outside.</summary>
    protected virtual bool IsCutOff => false;

    /// <summary>Has <see cref="IsCutOff"/> looked at.</summary>
    protected void Wake() => transport.Input.CancelPendingRead();

    /// <summary>Starts <see cref="PushAsync"/> on another thread.</summary>
    protected virtual void Schedule() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>Moves what is to be pushed.</summary>
    protected virtual void TakePushes(IBufferWriter<byte> output)
    {
    }

    /// <summary>Ends the connection once this command is answered.</summary>
    protected void End() => _state = State.Ended;

    /// <summary>Answers nothing more, this command included.</summary>
    protected void FallSilent()
    {
        if (_state != State.Ended)
        {
            _state = State.Silent;
        }
    }

    /// <summary>Holds this command's reply back, and with it everything behind it; called before the reply is written.</summary>
    protected void Delay(TimeSpan delay)
    {
        _delay = delay;
        _delayedFrom = _replies.WrittenCount;
    }

    /// <summary>Answers one command.</summary>
    protected abstract void Execute(InMemoryRequest request);

    /// <summary>Awaited when something has come, before any of it is executed.</summary>
    protected virtual ValueTask BeforeExecutingAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Awaited before replies are sent.</summary>
    protected virtual ValueTask BeforeSendingAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Both ends are completed; nothing follows.</summary>
    protected virtual void OnEnded()
    {
    }

    private async Task ServeAsync()
    {
        try
        {
            while (_state != State.Ended)
            {
                ReadResult read = await transport.Input.ReadAsync(life).ConfigureAwait(false);
                if (IsCutOff)
                {
                    break;
                }

                await BeforeExecutingAsync(life).ConfigureAwait(false);
                await _round.WaitAsync(life).ConfigureAwait(false);
                try
                {
                    if (await AnswerAsync(read).ConfigureAwait(false))
                    {
                        break;
                    }
                }
                finally
                {
                    _round.Release();
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The other side went away, or the node was stopped: either way there is nobody to tell.
        }
        finally
        {
            // Streams are completed before the socket: what was sent still goes out.
            await transport.Output.CompleteAsync().ConfigureAwait(false);
            await transport.Input.CompleteAsync().ConfigureAwait(false);
            OnEnded();
        }
    }

    /// <returns>Whether nothing follows.</returns>
    private async ValueTask<bool> AnswerAsync(ReadResult read)
    {
        SequencePosition rest = ExecuteAll(read.Buffer);

        // Behind a delayed command others may wait, which the next read must give again at once.
        transport.Input.AdvanceTo(rest, _delay > TimeSpan.Zero ? rest : read.Buffer.End);
        bool isLast = read.IsCompleted && _delay == TimeSpan.Zero;
        if (_delay > TimeSpan.Zero)
        {
            await HoldDelayedAsync().ConfigureAwait(false);
        }

        if (_replies.WrittenCount > _delayedFrom)
        {
            await BeforeSendingAsync(life).ConfigureAwait(false);
            await transport.Output.WriteAsync(_replies.WrittenMemory[_delayedFrom..], life).ConfigureAwait(false);
        }

        _replies.ResetWrittenCount();
        _delayedFrom = 0;
        return isLast;
    }

    protected async Task PushAsync()
    {
        try
        {
            await BeforeExecutingAsync(life).ConfigureAwait(false);
            await _round.WaitAsync(life).ConfigureAwait(false);
            try
            {
                Volatile.Write(ref _isPushQueued, 0);
                _pushes.ResetWrittenCount();
                TakePushes(_pushes);
                if (_pushes.WrittenCount > 0 && _state == State.Open && !IsCutOff)
                {
                    await transport.Output.WriteAsync(_pushes.WrittenMemory, life).ConfigureAwait(false);
                }
            }
            finally
            {
                _round.Release();
            }
        }
        catch (Exception e) when (
            e is OperationCanceledException or IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The connection is over; its own loop notices.
        }
    }

    private SequencePosition ExecuteAll(ReadOnlySequence<byte> buffer)
    {
        while (_state != State.Ended && _delay == TimeSpan.Zero)
        {
            RespReadStatus status = _reader.TryRead(buffer, _request, out long consumed);
            if (status == RespReadStatus.Invalid)
            {
                ReplyWriter.WriteError(_replies, $"ERR Protocol error: {_reader.Fault}");
                End();
                break;
            }

            if (status == RespReadStatus.NeedMore)
            {
                break;
            }

            buffer = buffer.Slice(consumed);
            if (_request.Count > 0)
            {
                Execute(_request);
            }
        }

        return buffer.Start;
    }

    private async ValueTask HoldDelayedAsync()
    {
        if (_delayedFrom > 0)
        {
            await transport.Output.WriteAsync(_replies.WrittenMemory[.._delayedFrom], life).ConfigureAwait(false);
        }

        await Task.Delay(_delay, clock, life).ConfigureAwait(false);
        _delay = TimeSpan.Zero;
    }
}
