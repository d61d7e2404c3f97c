using System.Globalization;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

/// <summary>A node whose replies the test gives, in any order and at any time. Keeps no deadlines.</summary>
internal sealed partial class ScriptedChannel(string name, TimeProvider time) : RespChannel
{
    private readonly Lock _gate = new();
    private readonly List<ScriptedFrame> _sent = [];

    public override string Name => name;

    public override TimeProvider TimeProvider => time;

    /// <summary>The number in the tickets it gives.</summary>
    public long Connection { get; set; } = 1;

    /// <summary>Why it takes nothing, or <see cref="RequestFailure.None"/>.</summary>
    public RequestFailure Refusal { get; set; }

    /// <summary>Runs inside each send, before the frame is taken.</summary>
    public Action? Sending { get; set; }

    /// <summary>Who hears it, each told by the test; without this list it takes no subscriptions.</summary>
    public List<(SubscriptionHandler Handler, long Tag)>? Subscribers { get; set; }

    public IReadOnlyList<ScriptedFrame> Sent
    {
        get
        {
            lock (_gate)
            {
                return [.. _sent];
            }
        }
    }

    public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        Sending?.Invoke();
        if (Refusal != RequestFailure.None)
        {
            return new RespTicket(Refusal);
        }

        if (IsElsewhere(request.Behind) || IsElsewhere(request.Undoes))
        {
            return new RespTicket(RequestFailure.ConnectionChanged);
        }

        RespTicket ticket = new(Connection);
        lock (_gate)
        {
            _sent.Add(new ScriptedFrame(ArgumentsOf(frame), request, ticket));
        }

        return ticket;
    }

    public override RespSubscription TrySubscribe(ReadOnlySpan<byte> channel, SubscriptionHandler handler, long tag)
    {
        if (Subscribers is null)
        {
            return default;
        }

        Subscribers.Add((handler, tag));
        return new RespSubscription(Subscribers.Count);
    }

    public override string Describe(RequestFailure failure) => $"{name}: {failure}";

    /// <summary>Answers the frame at <paramref name="index"/> in <see cref="Sent"/> with RESP text, on the calling thread.</summary>
    public void Reply(int index, string wire)
    {
        RespRequest request = Sent[index].Request;
        RespReader reader = new();
        Assert.Equal(RespReadStatus.Done, reader.TryRead(Encoding.UTF8.GetBytes(wire), out RespReply reply, out _));
        Assert.NotNull(request.Handler);
        request.Handler.OnReply(request.Tag, reply);
    }

    public void Fail(int index, RequestFailure failure)
    {
        RespRequest request = Sent[index].Request;
        Assert.NotNull(request.Handler);
        request.Handler.OnFailure(request.Tag, failure);
    }

    /// <summary>That the node was sent a SET, and behind it, of the same connection, the release that undoes it.</summary>
    /// <remarks>An attempt that never had a quorum wakes nobody.</remarks>
    public static void AssertWithdrawnBehindItsSet(ScriptedChannel node) =>
        AssertUndone(node, ["EVALSHA", RedlockScripts.Release.Sha1, "1", "door", node.Sent[0].Arguments[2]]);

    /// <summary>The same of one that had a quorum, which wakes who waits.</summary>
    public static void AssertReleasedBehindItsSet(ScriptedChannel node) =>
        AssertUndone(node, ["EVALSHA", RedlockScripts.Release.Sha1, "2", "door", "{door}:waiting", node.Sent[0].Arguments[2]]);

    /// <summary>Answers an attempt as a node does on which somebody else's lock stands for another hour.</summary>
    public void Refuse(int index) => Reply(index, Sent[index].Arguments[0] == "SET" ? ScriptedQuorum.Nil : ":3600000\r\n");

    private static void AssertUndone(ScriptedChannel node, string[] by)
    {
        Assert.Equal(2, node.Sent.Count);
        ScriptedFrame taken = node.Sent[0];
        ScriptedFrame release = node.Sent[1];
        Assert.Equal(by, release.Arguments);
        Assert.Equal(taken.Ticket, release.Request.Undoes);
        Assert.Null(release.Request.Handler);
        Assert.Same(RedlockScripts.Release, release.Request.Script);
        Assert.Equal(RequestPriority.Reserved, release.Request.Priority);
    }

    private static string[] ArgumentsOf(ReadOnlySpan<byte> frame)
    {
        RespReader reader = new();
        Assert.Equal(RespReadStatus.Done, reader.TryRead(frame, out RespReply command, out int consumed));
        Assert.Equal(frame.Length, consumed);
        List<string> arguments = [];
        foreach (RespReply argument in command)
        {
            arguments.Add(Encoding.UTF8.GetString(argument.Bytes));
        }

        return [.. arguments];
    }

    private bool IsElsewhere(RespTicket ticket) => ticket.IsTaken && ticket.Connection != Connection;
}

/// <summary>One frame that a <see cref="ScriptedChannel"/> took.</summary>
internal sealed record ScriptedFrame(string[] Arguments, RespRequest Request, RespTicket Ticket)
{
    /// <summary>Whether it can give the lock to a new owner.</summary>
    public bool IsAttempt => Arguments[0] == "SET" || Request.Script == RedlockScripts.Take || Request.Script == FencingScripts.Take;

    public string Owner => Arguments[0] == "SET" ? Arguments[2] : Arguments[3 + int.Parse(Arguments[2], CultureInfo.InvariantCulture)];
}
