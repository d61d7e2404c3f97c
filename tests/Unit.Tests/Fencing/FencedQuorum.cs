using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Steps that tests of fenced locks share.</summary>
internal static class FencedQuorum
{
    public static MutexOptions Fenced { get; } = MutexOptions.NonBlocking with { Fenced = true };

    public static string Ok(long number) => $"+OK {number}\r\n";

    /// <summary>Answers the newest frame of a node that runs this script.</summary>
    public static void Answer(this ScriptedChannel node, RespScript script, string wire)
    {
        int index = node.Sent.Select((frame, place) => frame.Request.Script == script ? place : -1).Max();
        Assert.True(index >= 0, $"{node.Name} was sent no such frame");
        node.Reply(index, wire);
    }

    public static int Count(this ScriptedChannel node, RespScript script) => node.Sent.Count(frame => frame.Request.Script == script);
}
