using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>The two scripts that every node runs: compare with the owner id, then act.</summary>
/// <remarks>
/// Both answer 1 when they acted, 0 when nothing is stored under the key, and -1 when another owner's value is.
/// Only what is stored decides; a script never creates a key. Under a key that holds no string they fail with <c>WRONGTYPE</c>: that is
/// somebody else's too.
/// </remarks>
public static class RedlockScripts
{
    /// <summary>Deletes KEYS[1] if it holds ARGV[1].</summary>
    public static RespScript Release { get; } = new(
        "local v = redis.call('GET', KEYS[1]) "
        + "if v == ARGV[1] then return redis.call('DEL', KEYS[1]) end "
        + "if v then return -1 end "
        + "return 0",
        sha1: "6c28785d19998103704c4d9968c03d30ff4d2301");

    /// <summary>Raises the time to live of KEYS[1] to ARGV[2] milliseconds if it holds ARGV[1]; never shortens it.</summary>
    /// <remarks>
    /// A key with a longer time to live keeps it, and 1 is the answer all the same: copies of the token rely on the later deadline. One without
    /// an expiry gets one.
    /// </remarks>
    public static RespScript Extend { get; } = new(
        "local v = redis.call('GET', KEYS[1]) "
        + "if v == ARGV[1] then "
        + "if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end "
        + "return 1 end "
        + "if v then return -1 end "
        + "return 0",
        sha1: "de3d9ce5b3068aa0b4cbb9a8f2482c31c043c7d6");
}
