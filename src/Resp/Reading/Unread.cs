namespace Redlock.Fast.Resp;

/// <summary>What a caller leaves unread that gives its turn back.</summary>
internal enum Unread : byte
{
    /// <summary>Replies that it still waits for.</summary>
    Awaited = 0,

    /// <summary>Replies that decide nothing any more.</summary>
    Late,
}
