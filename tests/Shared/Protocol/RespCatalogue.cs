using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

/// <summary>Byte-exact payloads, one character a byte, and what each of them is.</summary>
internal static class RespCatalogue
{
    // As many levels as are let in by default.
    private const int DeepestLevels = 32;

    private static readonly string LongLine = new('x', 3000);

    /// <summary>Whole frames, in the one way each value is written, and those values.</summary>
    internal static readonly (string Payload, RespValue Value)[] Values =
    [
        ("+OK\r\n", RespValue.SimpleString("OK")),
        ("+\r\n", RespValue.SimpleString("")),
        ("+PONG\r\n", RespValue.SimpleString("PONG")),
        ("+with spaces\tand tab\r\n", RespValue.SimpleString("with spaces\tand tab")),
        ("+$5\r\n", RespValue.SimpleString("$5")),
        ("+\xc3\xa9\r\n", RespValue.SimpleString("é")),
        ($"+{LongLine}\r\n", RespValue.SimpleString(LongLine)),
        ("-ERR unknown command\r\n", RespValue.Error("ERR unknown command")),
        ("-\r\n", RespValue.Error("")),
        ("-NOSCRIPT No matching script.\r\n", RespValue.Error("NOSCRIPT No matching script.")),
        (":0\r\n", RespValue.FromInteger(0)),
        (":1\r\n", RespValue.FromInteger(1)),
        (":-1\r\n", RespValue.FromInteger(-1)),
        (":10\r\n", RespValue.FromInteger(10)),
        (":8000\r\n", RespValue.FromInteger(8000)),
        (":9223372036854775807\r\n", RespValue.FromInteger(long.MaxValue)),
        (":-9223372036854775808\r\n", RespValue.FromInteger(long.MinValue)),
        ("$-1\r\n", RespValue.Null),
        ("$0\r\n\r\n", RespValue.BulkString("")),
        ("$3\r\nfoo\r\n", RespValue.BulkString("foo")),
        ("$2\r\n\r\n\r\n", RespValue.BulkString("\r\n")),
        ("$3\r\n\0\xff\n\r\n", RespValue.BulkString([0, 0xff, (byte)'\n'])),
        ("$5\r\n+OK\r\n\r\n", RespValue.BulkString("+OK\r\n")),
        ("$11\r\nhello world\r\n", RespValue.BulkString("hello world")),
        ($"$3000\r\n{LongLine}\r\n", RespValue.BulkString(LongLine)),
        ("*-1\r\n", RespValue.NullArray),
        ("*0\r\n", RespValue.Array()),
        ("*1\r\n:7\r\n", RespValue.Array(RespValue.FromInteger(7))),
        ("*1\r\n+\r\n", RespValue.Array(RespValue.SimpleString(""))),
        ("*2\r\n$-1\r\n*-1\r\n", RespValue.Array(RespValue.Null, RespValue.NullArray)),
        ("*3\r\n+a\r\n-b\r\n$1\r\nc\r\n",
            RespValue.Array(RespValue.SimpleString("a"), RespValue.Error("b"), RespValue.BulkString("c"))),
        ("*1\r\n*1\r\n*1\r\n*0\r\n", RespValue.Array(RespValue.Array(RespValue.Array(RespValue.Array())))),
        ("*3\r\n*2\r\n:1\r\n:2\r\n*0\r\n*1\r\n*1\r\n:3\r\n",
            RespValue.Array(
                RespValue.Array(RespValue.FromInteger(1), RespValue.FromInteger(2)),
                RespValue.Array(),
                RespValue.Array(RespValue.Array(RespValue.FromInteger(3))))),
        ("*2\r\n*1\r\n$2\r\nab\r\n:4\r\n",
            RespValue.Array(RespValue.Array(RespValue.BulkString("ab")), RespValue.FromInteger(4))),
        (":-9\r\n", RespValue.FromInteger(-9)),
        (":999999999999999999\r\n", RespValue.FromInteger(999_999_999_999_999_999)),
        ("+ leading and trailing \r\n", RespValue.SimpleString(" leading and trailing ")),
        ("-WRONGPASS invalid username-password pair or user is disabled.\r\n",
            RespValue.Error("WRONGPASS invalid username-password pair or user is disabled.")),
        ("$4\r\n\r\n\r\n\r\n", RespValue.BulkString("\r\n\r\n")),
        ("$8\r\n*1\r\n:1\r\n\r\n", RespValue.BulkString("*1\r\n:1\r\n")),
        ("*2\r\n*0\r\n*-1\r\n", RespValue.Array(RespValue.Array(), RespValue.NullArray)),
        ("*4\r\n$0\r\n\r\n$-1\r\n+\r\n-\r\n",
            RespValue.Array(RespValue.BulkString(""), RespValue.Null, RespValue.SimpleString(""), RespValue.Error(""))),
        (Headers(DeepestLevels) + ":1\r\n", Nested(DeepestLevels)),
    ];

    /// <summary>Beginnings of frames.</summary>
    internal static readonly string[] Incomplete =
    [
        "", "+", "+O", "+OK", "+OK\r", "-", "-ERR", "-ERR\r",
        ":", ":-", ":1", ":1\r", ":0", ":-9223372036854775808", ":9223372036854775807\r",
        "$", "$-", "$-1", "$-1\r", "$0", "$0\r", "$0\r\n", "$0\r\n\r", "$3\r\n", "$3\r\nfo", "$3\r\nfoo", "$3\r\nfoo\r", "$1048576\r\n",
        "*", "*-", "*-1", "*-1\r", "*1", "*1\r", "*1\r\n", "*2\r\n:1\r\n", "*2\r\n:1\r\n:", "*1\r\n*1\r\n$1\r\nx", "*200000\r\n",
        "+\r", "-\r", ":-1\r", "$10", "$10\r\n0123456789", "$1048576\r", "*0", "*0\r", "*2\r\n$-1\r\n", "*3\r\n*2\r\n:1\r\n:2\r\n*0\r\n",
        Headers(DeepestLevels), Headers(DeepestLevels) + ":1\r",
    ];

    /// <summary>Bytes that no further byte can make a frame.</summary>
    internal static readonly string[] Invalid =
    [
        "\r\n", "\n", "\0", " +OK\r\n", "OK\r\n", "HTTP/1.1 400 Bad Request\r\n", "\x15\x03\x03\0\x02\x02\x46", "PING\r\n",
        "_\r\n", "#t\r\n", ",1.5\r\n", "(12\r\n", "!3\r\nERR\r\n", "=7\r\ntxt:abc\r\n", "%1\r\n", "~1\r\n", ">1\r\n", "|1\r\n",
        "+O\nK\r\n", "+OK\n", "+O\rK\r\n", "+OK\r\r\n", "+\n", "-ERR\n", "-E\rR\r\n",
        ":\r\n", ":-\r\n", ":+1\r\n", ":01\r\n", ":00\r\n", ":-0\r\n", ":-01\r\n", ": 1\r\n", ":1 \r\n",
        ":1.5\r\n", ":1a\r\n", ":--1\r\n", ":1-\r\n",
        ":1\n", ":1\r:", ":9223372036854775808\r\n", ":-9223372036854775809\r\n", ":18446744073709551616\r\n", ":100000000000000000000",
        "$\r\n", "$-\r\n", "$-2\r\n", "$-10\r\n", "$-0\r\n", "$+3\r\nfoo\r\n", "$03\r\nfoo\r\n",
        "$3 \r\nfoo\r\n", "$a\r\n", "$3\nfoo\r\n", "$3\rfoo\r\n",
        "$3\r\nfooo\r\n", "$3\r\nfoo\n", "$3\r\nfoo\rx", "$0\r\nx", "$1048577\r\n", "$2147483647\r\n",
        "$4294967296\r\n", "$9223372036854775807\r\n",
        "$?\r\n", "*\r\n", "*-2\r\n", "*-0\r\n", "*01\r\n", "*x\r\n", "*2147483648\r\n", "*2147483647\r\n", "*9223372036854775807\r\n",
        "*1\r\n\r\n", "*1\r\nx\r\n", "*1\r\n_\r\n", "*2\r\n:1\r\n:a\r\n", "*1\r\n*1\r\n$1\r\nxy\r\n", "*2\r\n*1\r\n:1\r\n$-5\r\n",
        "*?\r\n", "*1000000\r\n",
        Headers(DeepestLevels + 1), Headers(DeepestLevels) + "*0\r\n", Headers(DeepestLevels) + "*-1\r\n", Headers(10 * DeepestLevels),
        "GET / HTTP/1.1\r\n", "HTTP/1.0 200 OK\r\n\r\n", "\x15\x03\x01\0\x02\x02\x0a", "\x16\x03\x01\x02\0\x01", "SSH-2.0-OpenSSH_9.6\r\n",
        ":1\t\r\n", ":1\0\r\n", ":\t1\r\n", ":0x1\r\n", ":1e3\r\n", ":0\r\r\n", ":-00\r\n", ":\n", "::1\r\n",
        "$1 \r\nx\r\n", "$-1\n", "$-01\r\n", "$0\r\n\n", "$0\r\n\rx", "$1\r\nx\r\r\n", "$1\r\n\r\n", "$-9223372036854775808\r\n",
        "$99999999999999999999\r\n", "$-99999999999999999999\r\n", "* 1\r\n", "*1 \r\n", "*-1\n", "*00\r\n", "*+1\r\n", "*5592406\r\n",
        "*-9223372036854775808\r\n", "*18446744073709551617\r\n", "*1\r\n%0\r\n", "%-1\r\n", ",inf\r\n", "#f\r\n",
        "(3492890328409238509324850943850943825024385\r\n",
    ];

    private static string Headers(int levels) => string.Concat(Enumerable.Repeat("*1\r\n", levels));

    private static RespValue Nested(int levels) => levels == 0 ? RespValue.FromInteger(1) : RespValue.Array(Nested(levels - 1));

    /// <summary>Every payload, of whatever kind.</summary>
    internal static IEnumerable<string> All
    {
        get
        {
            foreach ((string? payload, RespValue _) in Values)
            {
                yield return payload;
            }

            foreach (string payload in Incomplete)
            {
                yield return payload;
            }

            foreach (string payload in Invalid)
            {
                yield return payload;
            }
        }
    }
}
