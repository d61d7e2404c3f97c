namespace Redlock.Fast.Resp;

// What comes unasked.
internal sealed partial class RespConnection
{
    /// <summary>Takes what comes unasked; without it everything answers a request.</summary>
    public IPushReceiver? Pushes { get; init; }

    /// <inheritdoc cref="IPushReceiver.TryTake"/>
    public bool TryTakePush(in RespReply push) => Pushes?.TryTake(push) == true;
}
