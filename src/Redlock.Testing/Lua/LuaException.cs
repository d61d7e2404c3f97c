namespace Redlock.Fast.Testing;

/// <summary>A running script failed, which ends it.</summary>
/// <param name="error">The error as a client sees it, its code first.</param>
/// <param name="line">Where, from 1.</param>
internal sealed class LuaException(string error, int line) : Exception(error)
{
    public int Line => line;

    /// <summary>What Lua itself raises, rather than the server.</summary>
    public static LuaException Raised(string what, int line) => new($"ERR user_script:{line}: {what}", line);
}
