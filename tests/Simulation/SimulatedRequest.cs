using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>One command on its way: what it says, who waits for it, how far it has come.</summary>
internal sealed class SimulatedRequest
{
    private SimulatedRequest(string[] arguments, in RespRequest request)
    {
        Arguments = arguments;
        Handler = request.Handler;
        Tag = request.Tag;
        DeadlineTicks = request.DeadlineTicks;
        Script = request.Script;
        IsReserved = request.Priority == RequestPriority.Reserved;
    }

    public string[] Arguments { get; }

    /// <summary>Who is still to be told; null once told.</summary>
    public ReplyHandler? Handler { get; set; }

    public long Tag { get; }

    public long DeadlineTicks { get; }

    /// <summary>The script that it runs by digest.</summary>
    public RespScript? Script { get; }

    public bool IsReserved { get; }

    /// <summary>Its number on its connection.</summary>
    public long Number { get; set; }

    /// <summary>It is executed and answered before the sending call has returned.</summary>
    public bool IsEager { get; set; }

    public bool IsAnswered { get; set; }

    public bool IsExecuted { get; set; }

    /// <summary>It was lost on the way.</summary>
    public bool IsLost { get; set; }

    public bool IsAcquire => Arguments[0] == "SET";

    public bool IsRelease => Arguments[0] switch
    {
        "EVALSHA" => Arguments[1] == RedlockScripts.Release.Sha1,
        "EVAL" => Arguments[1] == RedlockScripts.Release.Text,
        _ => false,
    };

    public string Key => Arguments[IsAcquire ? 1 : 3];

    public string Owner => Arguments[IsAcquire ? 2 : 4];

    public string Verb => IsAcquire ? "acquire" : IsRelease ? "release" : "extend";

    public static SimulatedRequest Read(ReadOnlySpan<byte> frame, in RespRequest request)
    {
        RespReader reader = new();
        if (reader.TryRead(frame, out RespReply command, out int consumed) != RespReadStatus.Done || consumed != frame.Length)
        {
            throw new InvalidOperationException("What was sent is not one whole frame.");
        }

        string[] arguments = new string[command.Count];
        int place = 0;
        foreach (RespReply argument in command)
        {
            arguments[place++] = Encoding.UTF8.GetString(argument.Bytes);
        }

        return new SimulatedRequest(arguments, request);
    }

    /// <summary>The same command with the text of its script in place of the digest; it takes over who waits.</summary>
    public SimulatedRequest WithText()
    {
        SimulatedRequest repeat = new(
            ["EVAL", Script!.Text, .. Arguments[2..]],
            new RespRequest { Handler = Handler, Tag = Tag, DeadlineTicks = DeadlineTicks, Priority = RequestPriority.Reserved });
        Handler = null;
        return repeat;
    }
}
