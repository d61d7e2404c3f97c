using System.Buffers;
using System.IO.Pipelines;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>One connection to a scripted node: does to each command what the script says.</summary>
internal sealed class ScriptedSession : NodeSession
{
    private readonly NodeScript _script;
    private readonly PipeScheduler _scheduler;
    private readonly ChannelListener _listener;
    private int _silenced;
    private int _delayed;

    public ScriptedSession(NodeScript script, IDuplexPipe transport, PipeScheduler scheduler, TimeProvider clock, CancellationToken life)
        : base(transport, clock, life)
    {
        _script = script;
        _scheduler = scheduler;
        _listener = new ChannelListener(QueuePushes);
    }

    /// <summary>Called once when the connection is over.</summary>
    public Action<ScriptedSession>? Ended { get; set; }

    /// <summary>Commands that came and were not answered so far, and may never be.</summary>
    public int Unanswered => Volatile.Read(ref _silenced) + Volatile.Read(ref _delayed);

    protected override ValueTask BeforeSendingAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _delayed, 0);
        return ValueTask.CompletedTask;
    }

    // A test may block every thread of the pool.
    protected override void Schedule() => _scheduler.Schedule(static session => _ = ((ScriptedSession)session!).PushAsync(), this);

    protected override void TakePushes(IBufferWriter<byte> output) => _script.Channels.TakePushes(_listener, output);

    protected override void OnEnded()
    {
        _script.Channels.Forget(_listener);
        Ended?.Invoke(this);
    }

    protected override void Execute(InMemoryRequest request)
    {
        ScriptedCommand command = new ScriptedCommand(request);

        // What was published before this command came goes before its reply.
        _script.Channels.TakePushes(_listener, Replies);
        if (!IsSilent && !_script.Expects(command) && _script.Channels.TryAnswer(command, request, _listener, Replies))
        {
            return;
        }

        Reply reply = _script.Answer(command);
        if (reply.Kind == ReplyKind.Silence)
        {
            FallSilent();
        }

        if (IsSilent)
        {
            Interlocked.Increment(ref _silenced);
        }
        else if (reply.Delay > TimeSpan.Zero)
        {
            Volatile.Write(ref _delayed, 1);
            Delay(reply.Delay);
        }

        if (reply.Kind == ReplyKind.Value)
        {
            ReplyWriter.WriteValue(Replies, reply.Value);
        }
        else if (reply.Kind == ReplyKind.Close)
        {
            End();
        }
    }
}
