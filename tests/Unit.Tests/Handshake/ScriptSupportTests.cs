using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class ScriptSupportTests
{
    private const HandshakeStep None = HandshakeStep.None;
    private const HandshakeStep Load = HandshakeStep.LoadScript;
    private const HandshakeStep Texts = HandshakeStep.AskForTexts;
    private const HandshakeStep Digests = HandshakeStep.AskForDigests;

    // A node that closed the connection at EVAL may not know it: a script that it forgets must not be lost for that.
    [Theory]
    [InlineData(None, None, ScriptRoute.DigestElseText)]
    [InlineData(Texts, None, ScriptRoute.DigestElseLoad)]
    [InlineData(Texts, Load, ScriptRoute.DigestElseText)]
    [InlineData(Texts, Digests, ScriptRoute.Text)]
    [InlineData(Texts | Load, None, ScriptRoute.DigestElseText)]
    [InlineData(Texts | Digests, None, ScriptRoute.DigestElseLoad)]
    [InlineData(Digests, None, ScriptRoute.DigestElseText)]
    [InlineData(None, Texts, ScriptRoute.DigestElseLoad)]
    [InlineData(None, Texts | Digests, ScriptRoute.None)]
    internal void What_a_node_was_not_asked_is_done_without_where_that_can_be(
        HandshakeStep leftOut, HandshakeStep refused, ScriptRoute route)
    {
        ScriptSupport support = new(ServerText.OfNoSecret) { LeftOut = leftOut };
        RespReply refusal = new(RespType.Error, 0, "ERR unknown command"u8);
        foreach (HandshakeStep step in (HandshakeStep[])[Load, Texts, Digests])
        {
            if (refused.HasFlag(step))
            {
                support.Note(step, refusal);
            }
        }

        Assert.Equal(route, support.Route);
    }
}
