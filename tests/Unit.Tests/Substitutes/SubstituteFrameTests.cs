using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// What a node that runs no scripts is sent in their place, byte for byte, and how its replies are read.
public sealed class SubstituteFrameTests
{
    private static readonly RespScript _strange = new("return 1");

    [Theory]
    [InlineData(nameof(RedlockScripts.Release), ScriptRoute.DelIfEq, "1 door owner", "DELIFEQ door owner")]
    [InlineData(nameof(RedlockScripts.Release), ScriptRoute.DelIfEq, "2 door mark owner", "DELIFEQ door owner")]
    [InlineData(nameof(RedlockScripts.Release), ScriptRoute.DelEx, "1 door owner", "DELEX door IFEQ owner")]
    [InlineData(nameof(RedlockScripts.Release), ScriptRoute.DelEx, "2 door mark owner", "DELEX door IFEQ owner")]
    [InlineData(nameof(RedlockScripts.Extend), ScriptRoute.DelIfEq, "1 door owner 8000", "SET door owner IFEQ owner PX 8000")]
    [InlineData(nameof(RedlockScripts.Extend), ScriptRoute.DelEx, "1 door owner 8000", "SET door owner IFEQ owner PX 8000")]
    [InlineData(nameof(RedlockScripts.Take), ScriptRoute.DelIfEq, "2 door mark owner 8000", "SET door owner NX PX 8000")]
    [InlineData(nameof(RedlockScripts.Take), ScriptRoute.DelEx, "1 door owner 8000", "SET door owner NX PX 8000")]
    [InlineData(nameof(RedlockScripts.Take), ScriptRoute.DelIfEq, "2 door mark owner 8000 old", "SET door owner IFEQ old PX 8000")]
    [InlineData(nameof(RedlockScripts.Take), ScriptRoute.DelEx, "1 door owner 8000 old", "SET door owner IFEQ old PX 8000")]
    internal void A_call_becomes_a_command(string name, ScriptRoute route, string call, string command)
    {
        RespScript script = Named(name);
        byte[] frame = Sending.Frame(["EVALSHA", script.Sha1, .. call.Split(' ')]);
        RequestLine line = new() { Route = route };
        byte[] expected = Sending.Frame(command.Split(' '));

        // Whole, and in two pieces wherever it is cut.
        for (int cut = 0; cut <= frame.Length; cut++)
        {
            line.Append(frame.AsSpan(0, cut), frame.AsSpan(cut), new ReplySlot { Tag = cut, DeadlineTicks = 0, Script = script });
            Assert.Equal(Encoding.ASCII.GetString(expected), Encoding.ASCII.GetString(Sent(line)));
            Assert.True(line.TryTakeAnswered(Reply(":1"), out ReplySlot slot, out bool isRepeated));
            Assert.False(isRepeated);
            Assert.Equal(cut, slot.Tag);
            line.AssertInvariants();
        }
    }

    [Theory]
    [InlineData(nameof(RedlockScripts.Release), "1 door owner", ":1", ":1")]
    [InlineData(nameof(RedlockScripts.Release), "1 door owner", ":0", ":0")]
    [InlineData(nameof(RedlockScripts.Extend), "1 door owner 8000", "+OK", ":1")]
    [InlineData(nameof(RedlockScripts.Extend), "1 door owner 8000", "$-1", ":0")]
    [InlineData(nameof(RedlockScripts.Take), "1 door owner 8000", "+OK", "+OK")]
    [InlineData(nameof(RedlockScripts.Take), "1 door owner 8000", "$-1", ":-1")]
    [InlineData(nameof(RedlockScripts.Take), "1 door owner 8000 old", "+OK", "+SUCCEEDED")]
    [InlineData(nameof(RedlockScripts.Take), "1 door owner 8000 old", "$-1", ":-1")]
    [InlineData(nameof(RedlockScripts.Release), "1 door owner", "-WRONGTYPE no string", "-WRONGTYPE no string")]
    [InlineData(nameof(RedlockScripts.Extend), "1 door owner 8000", "-READONLY a replica", "-READONLY a replica")]
    [InlineData(nameof(RedlockScripts.Take), "1 door owner 8000", "-NOPERM not you", "-NOPERM not you")]
    [InlineData(nameof(RedlockScripts.Take), "1 door owner 8000", "+QUEUED", "+QUEUED")]
    [InlineData(nameof(RedlockScripts.Release), "1 door owner", ":7", ":7")]
    public void Its_reply_is_shown_in_the_words_of_the_script(string name, string call, string said, string shown)
    {
        RespScript script = Named(name);
        ReplyLog log = new();
        Ask(script, call, log, said);
        Assert.Equal([(5L, shown)], log.Replies);
    }

    [Theory]
    [InlineData("-ERR unknown command 'EVALSHA'")]
    [InlineData("-NOPERM User w has no permissions to run the 'evalsha' command")]
    [InlineData("-NOSCRIPT forgotten")]
    [InlineData("+OK 17")]
    public void What_no_command_can_do_is_refused_with_the_reason(string said)
    {
        ReplyLog log = new();
        Ask(FencingScripts.Take, "2 door fence owner 8000 17 9000", log, said);
        Ask(_strange, "0", log, said);
        Assert.Equal(2, log.Replies.Count);
        Assert.StartsWith("-NOSCRIPTS a fenced lock gets its number from a script", log.Replies[0].Reply, StringComparison.Ordinal);
        Assert.StartsWith("-NOSCRIPTS the server runs no scripts for this client", log.Replies[1].Reply, StringComparison.Ordinal);
    }

    [Fact]
    public void The_reason_fits_what_is_quoted_of_an_error()
    {
        ReplyLog log = new();
        Ask(FencingScripts.Raise, "2 door fence owner 8000 17 9000", log, "-ERR no");
        Ask(_strange, "0", log, "-ERR no");
        Assert.All(log.Replies, one => Assert.DoesNotContain("...", ServerText.OfNoSecret.Excerpt(Encoding.ASCII.GetBytes(one.Reply))));
    }

    [Fact]
    public void Nobody_is_told_twice_and_who_does_not_wait_is_not_told()
    {
        RequestLine line = new() { Route = ScriptRoute.DelIfEq };
        ReplyLog log = new();
        byte[] frame = Sending.Frame("EVALSHA", RedlockScripts.Release.Sha1, "1", "door", "owner");
        line.Append(frame, new ReplySlot { Tag = 1, DeadlineTicks = 0, Script = RedlockScripts.Release });
        line.Append(frame, new ReplySlot { Handler = log, Tag = 2, DeadlineTicks = 0, Script = RedlockScripts.Release });
        Sent(line);
        Assert.True(line.TryTakeAnswered(Reply(":1"), out ReplySlot silent, out _));
        Assert.Null(silent.Handler);
        List<ReplySlot> rest = [];
        line.TakeAll(rest);
        Assert.Single(rest).Fail(new NodeContext("node", new RespNodeOptions(), ServerText.OfNoSecret), RequestFailure.ConnectionLost);
        Assert.Equal([(2L, RequestFailure.ConnectionLost)], log.Failures);
        Assert.Empty(log.Replies);
    }

    [Fact]
    public void A_substitute_says_what_it_answers()
    {
        RespValue one = RespValue.FromInteger(1);
        Assert.Throws<ArgumentException>(() => new RespScriptSubstitute(RespSubstituteCommand.None, one, one));
        Assert.Throws<ArgumentException>(() => new RespScriptSubstitute((RespSubstituteCommand)9, one, one));
        Assert.Throws<ArgumentException>(() => new RespScriptSubstitute(RespSubstituteCommand.SetIfAbsent, RespValue.Null, one));
        Assert.Throws<ArgumentException>(() => new RespScriptSubstitute(RespSubstituteCommand.SetIfAbsent, one, RespValue.Array()));
        Assert.Throws<ArgumentException>(() => RespScriptSubstitute.Refusing(" "));
    }

    private static void Ask(RespScript script, string call, ReplyHandler handler, string said)
    {
        RequestLine line = new() { Route = ScriptRoute.DelIfEq };
        byte[] frame = Sending.Frame(["EVALSHA", script.Sha1, .. call.Split(' ')]);
        line.Append(frame, new ReplySlot { Handler = handler, Asker = handler, Tag = 5, DeadlineTicks = 0, Script = script });
        Sent(line);
        Assert.True(line.TryTakeAnswered(Reply(said), out ReplySlot slot, out bool isRepeated));
        Assert.False(isRepeated);
        slot.Answer("node", Reply(said));
        Assert.Equal(0, line.Count);
    }

    private static byte[] Sent(RequestLine line)
    {
        List<byte> sent = [];
        while (line.HasSendable)
        {
            sent.AddRange(line.TakeSendable().Span);
            line.NoteSent();
        }

        return [.. sent];
    }

    private static RespReply Reply(string text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text + "\r\n");
        Assert.Equal(RespVerdict.Whole, RespElement.Read(bytes, int.MaxValue, int.MaxValue, out RespReply reply, out _));
        return reply;
    }

    private static RespScript Named(string name) => name switch
    {
        nameof(RedlockScripts.Release) => RedlockScripts.Release,
        nameof(RedlockScripts.Extend) => RedlockScripts.Extend,
        _ => RedlockScripts.Take,
    };

    private sealed class ReplyLog : ReplyHandler
    {
        public List<(long Tag, string Reply)> Replies { get; } = [];

        public List<(long Tag, RequestFailure Failure)> Failures { get; } = [];

        public override void OnReply(long tag, in RespReply reply)
        {
            string text = reply.Type == RespType.Integer ? $":{reply.Integer}"
                : reply.IsNull ? "$-1"
                : (char)reply.Type + Encoding.ASCII.GetString(reply.Bytes);
            Replies.Add((tag, text));
        }

        public override void OnFailure(long tag, RequestFailure failure) => Failures.Add((tag, failure));
    }
}
