using System.Buffers;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Extensions;

/// <summary>Does on one node what a lock does, and asks how the node is; what has come can be read at any time.</summary>
/// <remarks>
/// All questions go out at once, so that a node costs one round trip. Nothing waits for a task of its own: a node that never answers leaves
/// nothing behind but requests that run out.
/// </remarks>
internal sealed class NodeProbe : ReplyHandler
{
    // A node that fails between the two must not keep the key for long.
    private const string Expiry = "5000";

    // Longer, or there would be nothing to extend.
    private const string LongerExpiry = "10000";

    private const uint AllOpen = (1 << (int)(Question.Memory + 1)) - 1;

    private const string NoAnswer = "no answer within the time of the check";

    private readonly RespChannel _node;
    private readonly string _key;
    private readonly string _owner;
    private readonly long _deadlineTicks;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _allAnswered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _startTicks;
    private DateTimeOffset _askedAt;
    private uint _open = AllOpen;
    private NodeHealth _health;
    private bool _memoryIsLimited = true;
    private bool _saidLess;

    private NodeProbe(RespChannel node, string prefix, TimeSpan limit)
    {
        _node = node;
        _health = new NodeHealth(PrintableText.Of(node.Name), Concern: null);

        // Nobody has a key that was made up this moment.
        _owner = Guid.NewGuid().ToString("N");
        _key = $"{prefix}redlock-health:{_owner}";
        _deadlineTicks = node.TimeProvider.GetTimestamp() + (long)(limit.TotalSeconds * node.TimeProvider.TimestampFrequency);
    }

    private enum Question : byte
    {
        Take = 0,
        Extend,
        Release,
        Clock,
        Replication,
        Memory,
    }

    /// <summary>Completes, and never fails, when there is nothing left to wait for.</summary>
    public Task AllAnswered => _allAnswered.Task;

    /// <summary>Asks a node.</summary>
    /// <param name="node">Which.</param>
    /// <param name="prefix">What its locks' keys begin with, and all that it may permit.</param>
    /// <param name="limit">How long an answer is of use.</param>
    public static NodeProbe Ask(RespChannel node, string prefix, TimeSpan limit)
    {
        NodeProbe probe = new(node, prefix, limit);
        probe.AskAll();
        return probe;
    }

    /// <summary>What the node has said by now.</summary>
    public NodeHealth Told()
    {
        lock (_gate)
        {
            if (_health.Concern is not null)
            {
                return _health;
            }

            if (IsOpen(Question.Release))
            {
                return _health with
                {
                    Concern = IsOpen(Question.Take) ? NoAnswer : "it granted a lock, and did not release it within the time of the check",
                };
            }

            // Whatever is no master of its own has no vote of its own.
            return _health.Role is { } role && role != "master"
                ? _health with { Readiness = NodeReadiness.Unfit, Concern = $"its role is {role}: a quorum needs independent masters" }
                : _health with
                {
                    Readiness = NodeReadiness.Ready,
                    Concern = NodeReport.ConcernOf(_health, _memoryIsLimited)
                        ?? (_open == 0 && !_saidLess
                            ? null
                            : "it grants locks, and did not answer TIME and INFO within the time of the check"),
                };
        }
    }

    public override void OnReply(long tag, in RespReply reply)
    {
        Question question = (Question)tag;
        lock (_gate)
        {
            Read(question, reply);
            Close(question);
        }
    }

    public override void OnFailure(long tag, RequestFailure failure) => Fail((Question)tag, failure);

    private void AskAll()
    {
        _startTicks = _node.TimeProvider.GetTimestamp();
        _askedAt = TimeProvider.System.GetUtcNow();
        RespTicket taken = Send(Question.Take, new RespRequest { DeadlineTicks = _deadlineTicks }, "SET", _key, _owner, "NX", "PX", Expiry);
        RespRequest behind = new() { DeadlineTicks = _deadlineTicks, Priority = RequestPriority.Reserved, Behind = taken };
        if (taken.IsTaken)
        {
            RespRequest extend = With(behind, RedlockScripts.Extend);
            Send(Question.Extend, extend, "EVALSHA", RedlockScripts.Extend.Sha1, "1", _key, _owner, LongerExpiry);
            Send(Question.Release, With(behind, RedlockScripts.Release), "EVALSHA", RedlockScripts.Release.Sha1, "1", _key, _owner);
        }
        else
        {
            Fail(Question.Extend, taken.Failure);
            Fail(Question.Release, taken.Failure);
        }

        RespRequest beside = new() { DeadlineTicks = _deadlineTicks };
        Send(Question.Clock, beside, "TIME");
        Send(Question.Replication, beside, "INFO", "replication");
        Send(Question.Memory, beside, "INFO", "memory");
    }

    private static RespRequest With(in RespRequest request, RespScript script) => new()
    {
        DeadlineTicks = request.DeadlineTicks,
        Priority = request.Priority,
        Behind = request.Behind,
        Script = script,
    };

    private RespTicket Send(Question question, in RespRequest request, params ReadOnlySpan<string> command)
    {
        ArrayBufferWriter<byte> frame = new();
        RespWriter.WriteCommand(frame, command);
        RespTicket ticket = _node.TrySend(frame.WrittenSpan, new RespRequest
        {
            Handler = this,
            Tag = (long)question,
            DeadlineTicks = request.DeadlineTicks,
            Priority = request.Priority,
            Behind = request.Behind,
            Script = request.Script,
        });
        if (!ticket.IsTaken)
        {
            Fail(question, ticket.Failure);
        }

        return ticket;
    }

    private void Fail(Question question, RequestFailure failure)
    {
        lock (_gate)
        {
            if (question <= Question.Release && _health.Concern is null)
            {
                _health = _health with
                {
                    Readiness = failure == RequestFailure.QueueFull ? NodeReadiness.Busy : NodeReadiness.NoAnswer,
                    Concern = failure == RequestFailure.TimedOut
                        ? NoAnswer
                        : PrintableText.Of(NodeReport.WithoutName(_node.Name, _node.Describe(failure))),
                };
            }

            _saidLess |= failure is RequestFailure.TimedOut or RequestFailure.ConnectionLost;

            Close(question);
        }
    }

    private void Read(Question question, in RespReply reply)
    {
        switch (question)
        {
            case Question.Take:
                _health = _health with { Latency = _node.TimeProvider.GetElapsedTime(_startTicks) };
                Refuse(NodeReport.RefusalToTake(reply));
                break;
            case Question.Extend:
                Refuse(NodeReport.RefusalOfScript("the script that extends a lock", reply));
                break;
            case Question.Release:
                Refuse(NodeReport.RefusalOfScript("the script that releases a lock", reply));
                break;
            case Question.Clock:
                _health = _health with { ClockOffset = NodeReport.ClockOffset(reply, _askedAt, TimeProvider.System.GetUtcNow()) };
                break;
            case Question.Replication:
                _health = _health with { Role = NodeReport.Role(reply) };
                break;
            case Question.Memory:
                _health = _health with { EvictionPolicy = NodeReport.EvictionPolicy(reply) };
                _memoryIsLimited = NodeReport.IsMemoryLimited(reply);
                break;
        }
    }

    // The first one is the reason; what comes behind it follows from it.
    private void Refuse(string? refusal)
    {
        if (refusal is not null && _health.Concern is null)
        {
            _health = _health with { Readiness = NodeReadiness.Unfit, Concern = refusal };
        }
    }

    private bool IsOpen(Question question) => (_open & (1u << (int)question)) != 0;

    private void Close(Question question)
    {
        _open &= ~(1u << (int)question);
        if (_open == 0)
        {
            _allAnswered.TrySetResult();
        }
    }
}
