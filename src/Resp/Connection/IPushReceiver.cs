namespace Redlock.Fast.Resp;

/// <summary>Takes what a node sends unasked, which answers no request.</summary>
internal interface IPushReceiver
{
    /// <summary>Called on the thread that reads, for everything that comes.</summary>
    /// <returns>False if it is not unasked: then it answers the next request.</returns>
    bool TryTake(in RespReply push);
}
