namespace Redlock.Fast.Resp;

/// <summary>How an attempt to read one frame ended.</summary>
public enum RespReadStatus : byte
{
    /// <summary>The bytes are not RESP2, or exceed a limit; nothing behind them can be believed.</summary>
    Invalid = 0,

    /// <summary>All is well so far, and the frame goes on behind the last byte given.</summary>
    NeedMore,

    /// <summary>One whole frame was read.</summary>
    Done,
}
