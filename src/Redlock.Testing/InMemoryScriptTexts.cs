namespace Redlock.Fast.Testing;

/// <summary>The texts the node recognises.</summary>
internal static class InMemoryScriptTexts
{
    public const string Release = """
        local owner = redis.call('GET', KEYS[1])
        if not owner then return 0 end
        if owner ~= ARGV[1] then return -1 end
        return redis.call('DEL', KEYS[1])
        """;

    public const string Extend = """
        local owner = redis.call('GET', KEYS[1])
        if not owner then return 0 end
        if owner ~= ARGV[1] then return -1 end
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        """;
}
