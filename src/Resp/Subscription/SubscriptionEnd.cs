namespace Redlock.Fast.Resp;

/// <summary>Why a subscription is over, or never began.</summary>
public enum SubscriptionEnd : byte
{
    /// <summary>It never began: this path to a node hears no channels.</summary>
    NotSupported = 0,

    /// <summary>It never began: somebody has subscribed to this channel already, and a channel has one handler a node.</summary>
    AlreadySubscribed,

    /// <summary>
    /// It never began: there are <see cref="RespNodeOptions.MaxSubscriptions"/> already, or the channel's name is longer than the node's
    /// queue takes.
    /// </summary>
    NoRoom,

    /// <summary>The node refuses it: an access list, a server or a proxy without the command. Asking again soon will not help.</summary>
    Refused,

    /// <summary>It was unsubscribed.</summary>
    Unsubscribed,

    /// <summary>The node was disposed.</summary>
    Disposed,
}
