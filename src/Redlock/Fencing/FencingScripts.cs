using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>The scripts of fenced locks: those of <see cref="RedlockScripts"/> with a counter beside the lock.</summary>
/// <remarks>
/// <para>
/// The counter is a key of its own, which outlives the lock, so that whoever takes the lock next gets a larger number. It is a whole
/// number in decimal digits, below 9,000,000,000,000,000: beyond 2^53 a server's numbers are no longer exact.
/// </para>
/// <para>
/// A counter that is anything else is answered with an error whose code is <c>FENCE</c> and whose text names its key: nothing is taken
/// there until a person has corrected or deleted it.
/// </para>
/// </remarks>
public static class FencingScripts
{
    private const string ReadCounter =
        "local c = redis.pcall('GET', KEYS[2]) "
        + "if type(c) == 'table' then return redis.error_reply('FENCE ' .. KEYS[2] .. ': ' .. c.err) end "
        + "local n = tonumber(c or 0) "
        + "if not n or n < 0 or n >= 9000000000000000 or n ~= math.floor(n) then return redis.error_reply("
        + "'FENCE ' .. KEYS[2] .. ' is no counter: a whole number below 9000000000000000 belongs there. Correct or delete it.') end ";

    private static readonly RespScriptSubstitute _refusal = RespScriptSubstitute.Refusing(
        "a fenced lock gets its number from a script, and the server runs none for this client. "
        + "Allow EVALSHA or EVAL on the server, or lock without Fenced.");

    /// <summary>
    /// Takes KEYS[1] for ARGV[1] and ARGV[2] milliseconds if it is free, or if it holds ARGV[5], the predecessor, and gives it a number:
    /// the counter KEYS[2] rises by one, or to ARGV[3], the proposal, if that is more, and lives for ARGV[4] milliseconds from then on.
    /// Else leaves KEYS[3], the mark.
    /// </summary>
    /// <remarks>
    /// Answers <c>OK</c> and the number if it was free, <c>SUCCEEDED</c> and the number if it was the predecessor's, and else how many
    /// milliseconds the owner has left, -1 if without end. Without a third key there is no mark, without a fifth argument no predecessor.
    /// </remarks>
    public static RespScript Take { get; } = new(
        "local v = redis.call('GET', KEYS[1]) "
        + "if v and v ~= ARGV[5] then "
        + "local t = redis.call('PTTL', KEYS[1]) "
        + "if KEYS[3] then redis.call('SET', KEYS[3], '', 'PX', t < 0 and ARGV[2] or math.max(t, 1)) end "
        + "return t end "
        + ReadCounter
        + "local s = string.format('%.0f', math.max(n + 1, tonumber(ARGV[3]))) "
        + "redis.call('SET', KEYS[2], s, 'PX', ARGV[4]) "
        + "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) "
        + "return redis.status_reply((v and 'SUCCEEDED ' or 'OK ') .. s)",
        sha1: "75a07c34380317d3e9eb4c9d0b3a135b00f62e90")
    {
        Substitute = _refusal,
    };

    /// <summary>
    /// If KEYS[1] holds ARGV[1], raises the counter KEYS[2] to ARGV[3], never lowering it, and the times to live of both, the lock's to
    /// ARGV[2] and the counter's to ARGV[4] milliseconds, never shortening them.
    /// </summary>
    /// <remarks>
    /// Answers 1 when it holds ARGV[1], 0 when nothing is stored, and -1 when another owner's value is. It is the second round of an
    /// acquisition whose nodes gave different numbers, and the extension of every fenced lock: a counter must not expire under a lock that
    /// is kept for days. It never creates the lock's key.
    /// </remarks>
    public static RespScript Raise { get; } = new(
        "local v = redis.call('GET', KEYS[1]) "
        + "if v ~= ARGV[1] then return v and -1 or 0 end "
        + ReadCounter
        + "local r = tonumber(ARGV[3]) "
        + "if n < r then redis.call('SET', KEYS[2], string.format('%.0f', r), 'PX', ARGV[4]) "
        + "elseif redis.call('PTTL', KEYS[2]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end "
        + "if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end "
        + "return 1",
        sha1: "1007bb98a3e9ac3dfbcdf28157fa2a5eae839899")
    {
        Substitute = _refusal,
    };
}
