namespace Redlock.Fast.Resp;

/// <summary>What a RESP2 value is; each value is the first byte of that type on the wire.</summary>
public enum RespType : byte
{
    /// <summary>No value at all: what an unset reply or value has.</summary>
    None = 0,

    /// <summary>One line of text, <c>+OK\r\n</c>.</summary>
    SimpleString = (byte)'+',

    /// <summary>One line that says what went wrong, <c>-ERR unknown command\r\n</c>; its first word is the code.</summary>
    Error = (byte)'-',

    /// <summary>A signed 64-bit number, <c>:1000\r\n</c>.</summary>
    Integer = (byte)':',

    /// <summary>Bytes behind their count, <c>$3\r\nfoo\r\n</c>, or null, <c>$-1\r\n</c>.</summary>
    BulkString = (byte)'$',

    /// <summary>Values behind their count, <c>*1\r\n:7\r\n</c>, or null, <c>*-1\r\n</c>.</summary>
    Array = (byte)'*',
}
