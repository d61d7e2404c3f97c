namespace Redlock.Fast.Testing;

/// <summary>Whether an <see cref="InMemoryNode"/> runs scripts, and what it has in their place.</summary>
public enum InMemoryScripting
{
    /// <summary>It runs them, as Redis 7 does.</summary>
    Lua = 0,

    /// <summary>It knows no EVAL, EVALSHA and SCRIPT, but DELIFEQ and <c>SET ... IFEQ</c>, as Valkey 9 has them.</summary>
    ValkeyCommands,

    /// <summary>It knows no EVAL, EVALSHA and SCRIPT, but <c>DELEX ... IFEQ</c> and <c>SET ... IFEQ</c>, as Redis 8.4 has them.</summary>
    RedisCommands,

    /// <summary>It knows none of all these: no lock can be released there.</summary>
    Nothing,
}
