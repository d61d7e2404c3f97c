namespace Redlock.Fast.Resp;

/// <summary>Stands between a substitute's reply and whoever ran the script. Made for one request.</summary>
internal sealed class SubstitutedReply(ReplyHandler handler, RespScriptSubstitute substitute) : ReplyHandler
{
    public override void OnReply(long tag, in RespReply reply) => handler.OnReply(tag, substitute.Read(reply));

    public override void OnFailure(long tag, RequestFailure failure) => handler.OnFailure(tag, failure);
}
