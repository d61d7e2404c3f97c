namespace Redlock.Fast.Resp;

/// <summary>Takes the NOSCRIPT reply in place of the caller, whose request is sent again with the script's text, and passes the news on.</summary>
internal sealed class ScriptNotice(string node, Action tell) : ReplyHandler
{
    public override void OnReply(long tag, in RespReply reply)
    {
        RespMetrics.CountScriptReload(node);
        tell();
    }

    public override void OnFailure(long tag, RequestFailure failure)
    {
    }
}
