namespace Redlock.Fast.Testing;

/// <summary>Computes one value of a running script.</summary>
internal delegate object? LuaExpression(LuaFrame frame);

/// <summary>Does one step of a running script.</summary>
internal delegate LuaFlow LuaStatement(LuaFrame frame);

/// <summary>What follows a step.</summary>
internal enum LuaFlow
{
    /// <summary>The step behind it.</summary>
    Next = 0,

    /// <summary>Nothing: the script has its result.</summary>
    Return,
}

/// <summary>One run of a script: what it was given, and its variables.</summary>
internal sealed class LuaFrame(LuaRedis redis, LuaTable keys, LuaTable arguments, int variables)
{
    public LuaRedis Redis => redis;

    public LuaTable Keys => keys;

    public LuaTable Arguments => arguments;

    public object?[] Variables { get; } = new object?[variables];

    public object? Result { get; set; }
}
