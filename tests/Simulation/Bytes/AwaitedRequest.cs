using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>A request and who waits for it: he is told once, by its time limit, what the node said to this very request.</summary>
internal sealed class AwaitedRequest(BytePath path, SimulatedRequest request, ReplyHandler handler) : ReplyHandler
{
    public SimulatedRequest Request => request;

    public long DeadlineTicks => request.DeadlineTicks;

    /// <summary>When it was given to the node's connection, in true time.</summary>
    public long TakenAt { get; } = path.World.Now;

    public bool IsTold { get; private set; }

    public bool IsRefused { get; private set; }

    /// <summary>On which connection it is; zero until that is known.</summary>
    public long Connection { get; set; }

    /// <summary>Whether he was told that the node has not seen it, and will not.</summary>
    public bool IsToldUnsent { get; private set; }

    public override bool Wants(long tag) => handler.Wants(tag);

    public override void OnReply(long tag, in RespReply reply)
    {
        path.NoteAnswered();
        string wire = WireOf(reply);
        NoteTold(wire);
        if (!path.Frames.WasSaid(request, wire))
        {
            path.World.Fail(Invariant.RepliesAreOnes, $"{path} answers {request.Words} with {wire}, which the node did not say to it");
        }

        handler.OnReply(tag, reply);
        if (path.DuplicatesNow())
        {
            handler.OnReply(tag, reply);
        }

        // The thread that reads may be in the middle of a batch.
        path.Client.HoldUpSometimes();
    }

    public override void OnFailure(long tag, RequestFailure failure)
    {
        NoteTold(failure.ToString());
        IsToldUnsent = failure is RequestFailure.TimedOutUnsent or RequestFailure.Withdrawn or RequestFailure.NotConnected;
        if (failure is RequestFailure.TimedOut or RequestFailure.TimedOutUnsent)
        {
            path.NoteTimedOut(this, failure);
        }

        handler.OnFailure(tag, failure);
    }

    /// <summary>It was not taken: nobody is told anything.</summary>
    public void Refuse()
    {
        if (IsTold)
        {
            path.World.Fail(Invariant.EverybodyIsToldOnce, $"{path} has told of {request.Words}, and then refused it");
        }

        IsRefused = true;
    }

    private void NoteTold(string what)
    {
        path.World.Note(path.Client.Name, "is told", $"{path.Name}: {what}");
        if (IsTold || IsRefused)
        {
            string flaw = IsRefused ? "though it was refused" : "again";
            path.World.Fail(Invariant.EverybodyIsToldOnce, $"{path} tells of {request.Words} {flaw}: {what}");
        }

        IsTold = true;
    }

    private static string WireOf(in RespReply reply) => reply.Type switch
    {
        RespType.Integer => $":{reply.Integer}",
        RespType.Error => $"-{Encoding.ASCII.GetString(reply.Bytes)}",
        RespType.SimpleString => $"+{Encoding.ASCII.GetString(reply.Bytes)}",
        _ => reply.IsNull ? "$-1" : $"${Encoding.ASCII.GetString(reply.Bytes)}",
    };
}
