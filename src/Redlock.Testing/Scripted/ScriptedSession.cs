using System.IO.Pipelines;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Testing;

/// <summary>One connection to a scripted node: does to each command what the script says.</summary>
internal sealed class ScriptedSession(NodeScript script, IDuplexPipe transport, TimeProvider clock, CancellationToken life)
    : NodeSession(transport, clock, life)
{
    private int _silenced;
    private int _delayed;

    /// <summary>Commands that came and were not answered so far, and may never be.</summary>
    public int Unanswered => Volatile.Read(ref _silenced) + Volatile.Read(ref _delayed);

    protected override ValueTask BeforeSendingAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _delayed, 0);
        return ValueTask.CompletedTask;
    }

    protected override void Execute(InMemoryRequest request)
    {
        var reply = script.Answer(new ScriptedCommand(request));
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
            RespWriter.WriteValue(Replies, reply.Value);
        }
        else if (reply.Kind == ReplyKind.Close)
        {
            End();
        }
    }
}
