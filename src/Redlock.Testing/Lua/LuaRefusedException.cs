namespace Redlock.Fast.Testing;

/// <summary>A script has something that this node does not understand, found before any of it ran.</summary>
/// <param name="line">Where, from 1.</param>
/// <param name="what">What it is, in words that an error can show.</param>
internal sealed class LuaRefusedException(int line, string what) : Exception($"line {line}: {what}");
