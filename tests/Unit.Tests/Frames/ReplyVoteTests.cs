using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>How every reply reads as a vote, for each request that it may answer.</summary>
public class ReplyVoteTests
{
    private const NodeVote Granted = NodeVote.Granted;
    private const NodeVote Other = NodeVote.HeldByOther;
    private const NodeVote Nothing = NodeVote.NothingThere;
    private const NodeVote Failed = NodeVote.Failed;

    private const string WrongKind = "-WRONGTYPE Operation against a key\r\n";
    private const string WrongKindInScript = "-ERR Error running script: @user_script:1: WRONGTYPE Operation\r\n";

    [Theory]
    [InlineData("+OK\r\n", Granted, Granted, Nothing, Failed, Failed)]
    [InlineData("+SUCCEEDED\r\n", Failed, Granted, Granted, Failed, Failed)]
    [InlineData("+QUEUED\r\n", Failed, Failed, Failed, Failed, Failed)]
    [InlineData("$2\r\nOK\r\n", Failed, Granted, Nothing, Failed, Failed)]
    [InlineData("$9\r\nSUCCEEDED\r\n", Failed, Granted, Granted, Failed, Failed)]
    [InlineData("$4\r\nOK 7\r\n", Failed, Failed, Nothing, Failed, Failed)]
    [InlineData("$0\r\n\r\n", Failed, Failed, Failed, Failed, Failed)]
    [InlineData("-ERR FENCE a key: WRONGTYPE Operation\r\n", Failed, Failed, Failed, Failed, Failed)]
    [InlineData("$-1\r\n", Other, Failed, Failed, Failed, Failed)]
    [InlineData(":-2\r\n", Failed, Other, Other, Failed, Failed)]
    [InlineData(":-1\r\n", Failed, Other, Other, Other, Other)]
    [InlineData(":0\r\n", Failed, Other, Other, Nothing, Nothing)]
    [InlineData(":1\r\n", Failed, Other, Other, Granted, Granted)]
    [InlineData(":2\r\n", Failed, Other, Other, Granted, Failed)]
    [InlineData(":3\r\n", Failed, Other, Other, Granted, Failed)]
    [InlineData(":4\r\n", Failed, Other, Other, Failed, Failed)]
    [InlineData(WrongKind, Other, Other, Other, Other, Other)]
    [InlineData("-ERR Key should be of string type if conditions are specified\r\n", Other, Other, Other, Other, Other)]
    [InlineData(WrongKindInScript, Other, Other, Other, Other, Other)]
    [InlineData("+WRONGTYPE\r\n", Failed, Failed, Failed, Failed, Failed)]
    [InlineData("$9\r\nWRONGTYPE\r\n", Failed, Failed, Failed, Failed, Failed)]
    [InlineData("-LOADING Redis is loading\r\n", Failed, Failed, Failed, Failed, Failed)]
    [InlineData("*0\r\n", Failed, Failed, Failed, Failed, Failed)]
    public void A_reply_is_a_vote(
        string wire, NodeVote acquire, NodeVote take, NodeVote succession, NodeVote release, NodeVote script)
    {
        RespReader reader = new();
        Assert.Equal(RespReadStatus.Done, reader.TryRead(Encoding.UTF8.GetBytes(wire), out RespReply reply, out _));
        Assert.Equal(acquire, ReplyVote.OfAcquire(reply));
        Assert.Equal(take, ReplyVote.OfTake(reply));
        Assert.Equal(succession, ReplyVote.OfSuccession(reply));
        Assert.Equal(release, ReplyVote.OfRelease(reply));
        Assert.Equal(script, ReplyVote.OfScript(reply));
    }
}
