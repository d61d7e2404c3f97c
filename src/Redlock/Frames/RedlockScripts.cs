using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>The scripts that every node runs: compare with the owner id, then act.</summary>
/// <remarks>
/// Only what is stored decides. Under a key that holds no string they fail with <c>WRONGTYPE</c>: that is somebody else's too. The mark is
/// the key that tells a release that somebody waits; it is deleted with the lock, and is a hint only. Every key, and the channel, stands in
/// KEYS.
/// </remarks>
public static class RedlockScripts
{
    /// <summary>
    /// Deletes KEYS[1] if it holds ARGV[1], and KEYS[2], the mark, with it; if the mark was there, publishes on the channel of its name.
    /// </summary>
    /// <remarks>
    /// Answers 1 when it deleted, 2 when somebody waited and was woken, 3 when somebody waited and the server refused to publish, 0 when
    /// nothing is stored, and -1 when another owner's value is. What is published is the number of subscribers. With one key alone nobody
    /// is woken: so an attempt is withdrawn that never had a quorum.
    /// </remarks>
    public static RespScript Release { get; } = new(
        "local v = redis.call('GET', KEYS[1]) "
        + "if v ~= ARGV[1] then return v and -1 or 0 end "
        + "if not KEYS[2] then return redis.call('DEL', KEYS[1]) end "
        + "if redis.call('DEL', KEYS[1], KEYS[2]) == 1 then return 1 end "
        + "local n = redis.pcall('PUBSUB', 'NUMSUB', KEYS[2]) "
        + "local p = redis.pcall('PUBLISH', KEYS[2], n.err and '' or n[2]) "
        + "return type(p) == 'table' and 3 or 2",
        sha1: "c03c72c0eff66844607d8be849a45931e227b294")
    {
        Substitute = new(RespSubstituteCommand.DeleteIfEqual, RespValue.FromInteger(1), RespValue.FromInteger(0)),
    };

    /// <summary>
    /// Takes KEYS[1] for ARGV[1] and ARGV[2] milliseconds if it is free, or if it holds ARGV[3], the predecessor; else leaves KEYS[2], the
    /// mark.
    /// </summary>
    /// <remarks>
    /// Answers <c>OK</c> if it was free, <c>SUCCEEDED</c> if it was the predecessor's, and else how many milliseconds the owner has left,
    /// -1 if without end. The mark lasts as long. Without a second key there is no mark, without a third argument no predecessor.
    /// </remarks>
    public static RespScript Take { get; } = new(
        "local v = redis.call('GET', KEYS[1]) "
        + "if not v or v == ARGV[3] then "
        + "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) "
        + "return redis.status_reply(v and 'SUCCEEDED' or 'OK') end "
        + "local t = redis.call('PTTL', KEYS[1]) "
        + "if KEYS[2] then redis.call('SET', KEYS[2], '', 'PX', t < 0 and ARGV[2] or math.max(t, 1)) end "
        + "return t",
        sha1: "84c2c2bc1d92d6dbcd55aa93830c78192a76e023")
    {
        // How long the owner has left is not told, so who waits asks again by his own clock.
        Substitute = new(RespSubstituteCommand.SetIfAbsent, RespValue.SimpleString("OK"), RespValue.FromInteger(-1))
        {
            Comparing = new(RespSubstituteCommand.SetIfEqual, RespValue.SimpleString("SUCCEEDED"), RespValue.FromInteger(-1)),
        },
    };

    /// <summary>Raises the time to live of KEYS[1] to ARGV[2] milliseconds if it holds ARGV[1]; never shortens it.</summary>
    /// <remarks>
    /// Answers 1 when it holds ARGV[1], 0 when nothing is stored, and -1 when another owner's value is. A key with a longer time to live
    /// keeps it: copies of the token rely on the later deadline. One without an expiry gets one. It never creates a key.
    /// </remarks>
    public static RespScript Extend { get; } = new(
        "local v = redis.call('GET', KEYS[1]) "
        + "if v == ARGV[1] then "
        + "if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end "
        + "return 1 end "
        + "if v then return -1 end "
        + "return 0",
        sha1: "de3d9ce5b3068aa0b4cbb9a8f2482c31c043c7d6")
    {
        Substitute = new(RespSubstituteCommand.ExpireIfEqual, RespValue.FromInteger(1), RespValue.FromInteger(0)),
    };
}
